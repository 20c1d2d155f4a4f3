require "slugged"
require "socket"

server = TCPServer.new("0.0.0.0", 8620)
loop do
  client = server.accept
  client.gets
  client.write "HTTP/1.0 200 OK\r\n\r\nyaml #{Slugged.version}\n"
  client.close
end
