ENV["RACK_ENV"] = "test"
require "minitest/autorun"
require "rack/test"
require_relative "../app"

class HandbookTest < Minitest::Test
  include Rack::Test::Methods

  def app = Handbook

  def test_it_lists_pages
    get "/"
    assert_includes last_response.body, "First day"
  end
end
