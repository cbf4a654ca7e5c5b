# frozen_string_literal: true

# Ends the server when whoever started it is gone, however that ended.
Thread.new do
  $stdin.read
  exit!
end
