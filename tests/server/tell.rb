# frozen_string_literal: true

# sample: middleware
require 'json'
require 'net/http'
require 'rack'
require 'securerandom'

# Tells Sentiero of each error that a request ends with, and raises it again.
class TellSentiero
  KEPT = 100

  def initialize(app, address:, token:, release: nil)
    @app = app
    @address = URI(address)
    @headers = { 'Authorization' => "Bearer #{token}", 'Content-Type' => 'application/json' }
    @release = release
    @queue = SizedQueue.new(KEPT)
  end

  def call(env)
    @app.call(env)
  rescue StandardError => e
    note(e, env)
    raise
  end

  private

  def note(error, env)
    call = { id: SecureRandom.uuid, errors: [describe(error, Rack::Request.new(env))] }
    @queue.push(call, true)
    # Not sooner: a server that forks its workers leaves threads behind.
    @teller = Thread.new { loop { tell(@queue.pop) } } unless @teller&.alive?
  rescue StandardError => e
    # The queue is full, or the request cannot be read: the site comes first.
    warn "not told to Sentiero: #{e.class}"
  end

  def describe(error, request)
    { type: error.class.name, message: error.message, backtrace: error.backtrace || [],
      sid: session_of(request), time: (Time.now.to_f * 1000).to_i, release: @release,
      context: { method: request.request_method, path: request.path } }.compact
  end

  # From a header of a page's own requests, or from a hidden field of its forms.
  def session_of(request)
    told = request.get_header('HTTP_X_SENTIERO_SESSION') || request.params['sentiero_sid']
    told.to_s[/\A[0-9a-f]{12}[a-z2-7]{26}\z/]
  end

  def tell(call)
    # The same id each time: what was stored, and not answered, is not stored again.
    3.times do |tried|
      answer = Net::HTTP.post(@address, JSON.generate(call), @headers)
      return if answer.code.to_i < 500 && answer.code != '429'

      sleep((answer['Retry-After'] || 5).to_i * (tried + 1))
    end
  rescue SystemCallError, SocketError, Timeout::Error => e
    warn "not told to Sentiero: #{e.class}"
  end
end
# sample ends

app = ->(_env) { raise KeyError, 'key not found: :price' }
address = "#{ENV.fetch('SENTIERO_URL')}/e/#{ENV.fetch('SENTIERO_SITE')}"
site = TellSentiero.new(app, address:, token: ENV.fetch('SENTIERO_TOKEN'), release: 'ruby-1')
env = Rack::MockRequest.env_for('/pay?card=1', method: 'POST', params: { sentiero_sid: ENV.fetch('SID') })
begin
  site.call(env)
rescue KeyError
  # It was raised again. What was told is on its way until nobody waits at the queue's end.
  queue = site.instance_variable_get(:@queue)
  Thread.pass until queue.empty? && queue.num_waiting == 1
  puts 'told'
end
