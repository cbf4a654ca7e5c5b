# frozen_string_literal: true

require 'json'
require 'sinatra/base'

# A shop with one thing to order.
class Shop < Sinatra::Base
  set :root, __dir__
  enable :sessions
  set :session_secret, ENV.fetch('SECRET_KEY_BASE')
  use Rack::Protection::AuthenticityToken

  # example: csp

  helpers do
    def token
      Rack::Protection::AuthenticityToken.token(env['rack.session'])
    end
  end

  get('/') { erb :home }
  get('/order') { erb :order }
  get('/done') { erb :done }

  post '/order' do
    settings.set :received, params.slice('name', 'password')
    redirect '/done', 303
  end

  get '/received' do
    content_type :json
    settings.received.to_json
  end
end
