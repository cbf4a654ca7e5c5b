# frozen_string_literal: true

require 'logger'
require 'rails'
require 'action_controller/railtie'

module Shop
  # What came with the last order, for the test.
  mattr_accessor :received, default: {}

  # A shop without a database.
  class Application < Rails::Application
    config.root = File.expand_path('..', __dir__)
    config.load_defaults Rails.gem_version.segments.first(2).join('.')
    config.eager_load = true
    config.public_file_server.enabled = true
    config.logger = Logger.new($stderr)
    config.log_level = :info
  end
end
