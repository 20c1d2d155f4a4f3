-module(chime_app).
-behaviour(application).
-behaviour(supervisor).
-export([start/2, stop/1, init/1, serve/0]).

start(_Type, _Arguments) ->
    supervisor:start_link({local, chime_sup}, ?MODULE, []).

stop(_State) ->
    ok.

init([]) ->
    Child = #{id => server, start => {?MODULE, serve, []}},
    {ok, {#{}, [Child]}}.

serve() ->
    {ok, Port} = application:get_env(chime, port),
    {ok, Listener} = gen_tcp:listen(Port, [binary, {active, false}, {packet, http_bin}, {reuseaddr, true}]),
    {ok, spawn_link(fun() -> accept(Listener) end)}.

accept(Listener) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    case gen_tcp:recv(Socket, 0, 5000) of
        {ok, {http_request, _Method, {abs_path, Path}, _Version}} ->
            gen_tcp:send(Socket, answer(Path));
        _ ->
            ok
    end,
    gen_tcp:close(Socket),
    accept(Listener).

answer(<<"/">>) ->
    reply("200 OK", "Ask for /15\n");
answer(<<"/", Hour/binary>>) ->
    try reply("200 OK", lists:duplicate(chime_nif:strokes(binary_to_integer(Hour)), "dong "))
    catch error:badarg -> reply("404 Not Found", "no such hour\n")
    end.

reply(Status, Body) ->
    ["HTTP/1.0 ", Status, "\r\nContent-Type: text/plain\r\n\r\n", Body].
