# frozen_string_literal: true

require 'json'
require 'rack'

# example: csp

# example: tag

def page(body)
  html = <<~HTML
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>Camping on Rack</title>
        <link rel="icon" href="data:,">
        #{SENTIERO}
      </head>
      <body>#{body}</body>
    </html>
  HTML
  [200, { 'content-type' => 'text/html', 'content-security-policy' => POLICY }, [html]]
end

FORM = <<~HTML
  <h1>Your order</h1>
  <form method="post" action="/order">
    <p><label>Name <input name="name" autocomplete="off"></label></p>
    <p><label>Password <input name="password" type="password"></label></p>
    <p><button>Send</button></p>
  </form>
HTML

received = {}

run(lambda do |env|
  request = Rack::Request.new(env)
  case [request.request_method, request.path_info]
  when ['GET', '/'] then page('<h1>Camping on Rack</h1><p><a href="/order">Order</a></p>')
  when ['GET', '/order'] then page(FORM)
  when ['GET', '/done'] then page('<h1>Thank you</h1>')
  when ['GET', '/received'] then [200, { 'content-type' => 'application/json' }, [received.to_json]]
  when ['POST', '/order']
    received.replace(request.POST)
    [303, { 'location' => '/done' }, []]
  else [404, { 'content-type' => 'text/plain' }, ['not here']]
  end
end)
