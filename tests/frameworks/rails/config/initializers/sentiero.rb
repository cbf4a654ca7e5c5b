# frozen_string_literal: true

# The test puts the middleware of docs/server-errors.md above this.
# example: tell
