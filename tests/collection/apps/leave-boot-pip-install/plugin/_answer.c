#include <Python.h>

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_answer", NULL, -1, NULL};

PyMODINIT_FUNC PyInit__answer(void)
{
    PyObject *made = PyModule_Create(&module);
    PyModule_AddIntConstant(made, "ANSWER", 42);
    return made;
}
