$LOAD_PATH.unshift(File.join(__dir__, "lib"))
require "erb"
require "fast"
require "socket"
require "words"

page = ERB.new(File.read("views/index.erb"))
server = TCPServer.new("0.0.0.0", 8630)
loop do
  client = server.accept
  client.gets
  client.write "HTTP/1.0 200 OK\r\n\r\n#{page.result}"
  client.close
end
