require "nokogiri"
require_relative "feedcheck/version"

# Faults of an RSS feed: what the schema says, and links that occur twice.
module Feedcheck
  SCHEMA = File.expand_path("../share/rss.rng", __dir__)

  def self.faults(xml)
    feed = Nokogiri::XML(xml) { |config| config.strict }
    schema = Nokogiri::XML::RelaxNG(File.read(SCHEMA))
    schema.validate(feed).map(&:message) + repeated_links(feed)
  rescue Nokogiri::XML::SyntaxError => e
    [e.message]
  end

  def self.repeated_links(feed)
    links = feed.xpath("//item/link").map(&:text)
    links.tally.select { |_, count| count > 1 }.keys.map { |link| "#{link} occurs twice" }
  end
end
