defmodule Ledger.Sums do
  use GenServer

  def start_link(_options), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  def of(line), do: GenServer.call(__MODULE__, {:sum, line})

  @impl true
  def init(nil) do
    program = Application.app_dir(:ledger, "priv/sum")
    {:ok, Port.open({:spawn_executable, program}, [:binary, line: 4096])}
  end

  @impl true
  def handle_call({:sum, line}, _from, port) do
    Port.command(port, [line, "\n"])

    receive do
      {^port, {:data, {:eol, sum}}} -> {:reply, sum, port}
    after
      2_000 -> {:stop, :timeout, port}
    end
  end
end
