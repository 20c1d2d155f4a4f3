#include <erl_nif.h>

static ERL_NIF_TERM strokes(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[])
{
    int hour;

    if (argc != 1 || !enif_get_int(env, argv[0], &hour))
        return enif_make_badarg(env);
    return enif_make_int(env, hour % 12 == 0 ? 12 : hour % 12);
}

static ErlNifFunc functions[] = {{"strokes", 1, strokes}};

ERL_NIF_INIT(chime_nif, functions, NULL, NULL, NULL, NULL)
