# frozen_string_literal: true

# What `rails new` writes there, without the comment signs, and what the document adds.
Rails.application.config.content_security_policy do |policy|
  policy.default_src :self, :https
  policy.font_src    :self, :https, :data
  policy.img_src     :self, :https, :data
  policy.object_src  :none
  policy.style_src   :self, :https
  # example: csp
end

# example: nonce
Rails.application.config.content_security_policy_nonce_directives = %w[script-src style-src]
