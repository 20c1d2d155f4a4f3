defmodule Roman do
  @digits [{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}] ++
            [{50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}]

  def write(0), do: ""

  def write(number) do
    {value, digit} = Enum.find(@digits, fn {value, _} -> value <= number end)
    digit <> write(number - value)
  end
end
