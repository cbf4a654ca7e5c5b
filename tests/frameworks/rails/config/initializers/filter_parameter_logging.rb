# frozen_string_literal: true

# example: filter
