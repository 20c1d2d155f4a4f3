-module(gauge_http).
-export([start_link/0, do/1]).
-include_lib("inets/include/httpd.hrl").

start_link() ->
    {ok, Port} = application:get_env(gauge, port),
    inets:start(httpd, [
        {port, Port},
        {server_name, "gauge"},
        {server_root, code:priv_dir(gauge)},
        {document_root, filename:join(code:priv_dir(gauge), "www")},
        {directory_index, ["index.html"]},
        {modules, [?MODULE, mod_alias, mod_get]}
    ], stand_alone).

do(#mod{request_uri = "/readings"}) ->
    Digest = crypto:hash(sha256, <<"gauge">>),
    Body = io_lib:format("~b readings, ~s~n", [3, binary:encode_hex(Digest)]),
    {proceed, [{response, {200, lists:flatten(Body)}}]};
do(#mod{data = Data}) ->
    {proceed, Data}.
