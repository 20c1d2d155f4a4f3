-module(quote_app).
-export([start/0, do/1]).
-include_lib("inets/include/httpd.hrl").

start() ->
    ok = application:ensure_started(inets),
    ok = application:load(quote),
    {ok, Port} = application:get_env(quote, port),
    {ok, _} = inets:start(httpd, [
        {port, Port}, {server_name, "quote"}, {server_root, "/tmp"}, {document_root, "/tmp"}, {modules, [?MODULE]}
    ]),
    io:format("quotes at port ~b~n", [Port]).

do(#mod{request_uri = "/"}) ->
    {ok, File} = application:get_env(quote, file),
    {proceed, [{response, {200, quote_text:pick(File, 1)}}]};
do(#mod{request_uri = "/" ++ Number}) ->
    {ok, File} = application:get_env(quote, file),
    try {proceed, [{response, {200, quote_text:pick(File, list_to_integer(Number))}}]}
    catch error:_ -> {proceed, [{response, {404, "no such quote\n"}}]}
    end.
