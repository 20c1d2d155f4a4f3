require "minitest/autorun"
require "rack/test"
require_relative "../app"

class LinksTest < Minitest::Test
  include Rack::Test::Methods

  def app = Links

  def test_an_unknown_code_is_not_found
    get "/nothing"
    assert_equal 404, last_response.status
  end
end
