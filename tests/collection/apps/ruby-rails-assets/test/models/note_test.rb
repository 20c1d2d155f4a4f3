require "minitest/autorun"
require_relative "../../config/environment"

class NoteTest < Minitest::Test
  def test_a_note_needs_a_title
    refute Note.new.valid?
  end
end
