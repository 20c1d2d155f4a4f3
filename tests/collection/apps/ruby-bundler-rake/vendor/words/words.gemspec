Gem::Specification.new do |spec|
  spec.name = "words"
  spec.version = "1.0.0"
  spec.summary = "Words"
  spec.authors = ["Example"]
  spec.files = ["lib/words.rb"]
end
