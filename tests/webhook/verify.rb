# Whether a delivery on stdin, with its header as the first argument, is signed with SECRET.
# Exits with 1 if it is not.
# sample: verify
require "openssl"

# Whether +body+, as it came, was signed with +secret+ in the last five minutes.
def signed?(secret, header, body, now = Time.now.to_i)
  timestamp, given = header.to_s.match(/\At=(\d{1,12}),v1=(\h{64})\z/)&.captures
  return false if timestamp.nil? || (now - timestamp.to_i).abs > 300

  right = OpenSSL::HMAC.hexdigest("SHA256", secret, "#{timestamp}.#{body}")
  OpenSSL.fixed_length_secure_compare(right, given)
end
# sample ends

exit signed?(ENV.fetch("SECRET"), ARGV[0], $stdin.binmode.read)
