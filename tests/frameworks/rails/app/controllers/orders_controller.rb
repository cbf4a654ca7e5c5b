# frozen_string_literal: true

# A shop with one thing to order.
class OrdersController < ApplicationController
  def home; end

  def new; end

  def create
    session[:user] = 'u-4711'
    # example: server
    Shop.received = params.permit(:name, :password).to_h.merge(replay: replay)
    redirect_to '/done', status: :see_other
  end

  def done; end

  def received
    render json: Shop.received
  end
end
