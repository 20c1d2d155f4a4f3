require "thor"
require "feedcheck"

module Feedcheck
  class CLI < Thor
    def self.exit_on_failure? = true

    desc "check FILE...", "Print the faults of feeds"
    def check(*files)
      failed = files.reject { |file| report(file) }
      exit 1 if failed.any?
    end

    desc "titles FILE", "Print the titles of a feed"
    def titles(file)
      Nokogiri::XML(File.read(file)).xpath("//item/title").each { |title| puts title.text }
    end

    desc "version", "Print the version"
    def version
      puts "feedcheck #{VERSION} (libxml2 #{Nokogiri::LIBXML_LOADED_VERSION})"
    end

    no_commands do
      def report(file)
        faults = Feedcheck.faults(File.read(file))
        puts faults.empty? ? "#{file}: ok" : faults.map { |fault| "#{file}: #{fault}" }
        faults.empty?
      end
    end
  end
end
