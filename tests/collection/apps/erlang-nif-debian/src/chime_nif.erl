-module(chime_nif).
-export([strokes/1]).
-on_load(load/0).

load() ->
    erlang:load_nif(filename:join(code:priv_dir(chime), "chime_nif"), 0).

strokes(_Hour) ->
    erlang:nif_error(not_loaded).
