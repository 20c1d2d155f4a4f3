from setuptools import Extension, setup

setup(name="plugin", version="1", packages=["plugin"], ext_modules=[Extension("plugin._answer", ["plugin/_answer.c"])])
