-module(quote_text).
-export([pick/2]).
-include_lib("eunit/include/eunit.hrl").

pick(File, Number) ->
    {ok, Text} = file:read_file(File),
    Lines = string:lexemes(unicode:characters_to_list(Text), "\n"),
    lists:nth(Number, Lines) ++ "\n".

missing_test() ->
    ?assertError({badmatch, _}, pick("nowhere", 1)).
