require "minitest/autorun"
require "feedcheck"

class FeedcheckTest < Minitest::Test
  FEED = <<~XML
    <rss version="2.0"><channel><title>News</title>
    <item><title>One</title><link>https://example.org/1</link></item></channel></rss>
  XML

  def test_a_feed_without_faults
    assert_empty Feedcheck.faults(FEED)
  end

  def test_a_feed_without_a_title
    refute_empty Feedcheck.faults(FEED.sub("<title>News</title>", ""))
  end
end
