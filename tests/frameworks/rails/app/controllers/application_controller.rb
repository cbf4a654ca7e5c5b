# frozen_string_literal: true

# Whoever has a session is signed in.
class ApplicationController < ActionController::Base
  helper_method :current_user

  User = Struct.new(:id)

  def current_user
    User.new(session[:user]) if session[:user]
  end
end
