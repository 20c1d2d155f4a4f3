defmodule RomanTest do
  use ExUnit.Case

  test "numbers" do
    assert Roman.write(1987) == "MCMLXXXVII"
  end
end
