defmodule Roman.CLI do
  def main(arguments) do
    for argument <- arguments do
      case Integer.parse(argument) do
        {number, ""} when number > 0 -> IO.puts("#{number} #{Roman.write(number)}")
        _ -> fail(argument)
      end
    end
  end

  defp fail(argument) do
    IO.puts(:stderr, "#{argument} is no number")
    System.halt(2)
  end
end
