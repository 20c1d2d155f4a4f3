require_relative "lib/feedcheck/version"

Gem::Specification.new do |spec|
  spec.name = "feedcheck"
  spec.version = Feedcheck::VERSION
  spec.summary = "Checks RSS feeds"
  spec.authors = ["Example"]
  spec.license = "MIT"
  spec.required_ruby_version = ">= 2.7"
  spec.files = Dir["lib/**/*.rb", "share/*", "exe/*", "README.md"]
  spec.bindir = "exe"
  spec.executables = ["feedcheck"]
  spec.add_dependency "nokogiri", "~> 1.13"
  spec.add_dependency "thor", "~> 1.2"
  spec.add_development_dependency "rake"
  spec.add_development_dependency "webrick"
end
