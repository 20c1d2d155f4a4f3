"""Programs that an image starts and does not have."""

import pytest

from bot.advise.mounted_programs import find_mounted_program
from tests.support.rule_inputs import make_rule_input


@pytest.mark.parametrize(
    ("lines", "path"),
    [
        ("FROM debian\nCMD cd /mnt/app && ./make-all.sh --fast", "/mnt/app/make-all.sh"),
        (
            'FROM node:20\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCMD ["node", "x.js"]',
            "/app/x.js",
        ),
        ('FROM node:20\nCOPY package.json /app/\nCMD ["node", "/app/x.js"]', "/app/x.js"),
        (
            'FROM php:8\nRUN git clone u /usr/src/x\nCMD ["php", "/project/bin/a", "b"]',
            "/project/bin/a",
        ),
        (
            'FROM ruby:3\nRUN mkdir -p /www\nWORKDIR /www\nENTRYPOINT ["bash", "set.sh"]',
            "/www/set.sh",
        ),
        (
            'FROM debian\nRUN curl -o /tmp/x.zip u && unzip /tmp/x.zip -d /opt\nCMD ["/a/b.py"]',
            "/a/b.py",
        ),
        (
            'FROM ruby:3\nWORKDIR /usr/src/a\nCOPY Gemfile* ./\nRUN bundle install\nCMD ["bin/rails", "s"]',
            "/usr/src/a/bin/rails",
        ),
        ('FROM a/base\nRUN apt-get install -y gcc\nCMD ["/sbin/my_init"]', "/sbin/my_init"),
    ],
)
def test_mounted(lines: str, path: str) -> None:
    assert find_mounted_program(make_rule_input(f"{lines}\n")) == path


@pytest.mark.parametrize(
    "lines",
    [
        # A folder is copied, or the file itself.
        'FROM node:20\nWORKDIR /app\nCOPY . .\nCMD ["node", "x.js"]',
        'FROM node:20\nCOPY src /app\nCMD ["node", "/app/x.js"]',
        'FROM node:20\nCOPY *.js /app/\nCMD ["node", "/app/x.js"]',
        'FROM node:20\nCOPY a.sh /app/b.sh\nCMD ["/app/b.sh"]',
        'FROM node:20\nADD app.tar.gz /app/\nCMD ["node", "/app/x.js"]',
        # A command may have written it.
        'FROM node:20\nWORKDIR /app\nRUN git clone u .\nCMD ["node", "x.js"]',
        'FROM node:20\nRUN git clone u /app\nCMD ["node", "/app/x.js"]',
        'FROM node:20\nRUN git clone u\nCMD ["node", "/app/x.js"]',
        'FROM node:20\nWORKDIR /app\nRUN npx create\nCMD ["node", "x.js"]',
        "FROM node:20\nWORKDIR /app\nRUN echo 1 > x.js\nCMD node x.js",
        'FROM node:20\nWORKDIR /app\nRUN npm ci && npm run build\nCMD ["node", "dist/x.js"]',
        'FROM node:20\nWORKDIR /app\nCOPY src src\nRUN yarn build\nCMD ["build/x"]',
        'FROM node:20\nWORKDIR /app\nRUN npm ci\nCMD ["./node_modules/.bin/x"]',
        "FROM golang:1\nWORKDIR /app\nCOPY go.mod .\nRUN go build x\nCMD ./x",
        'FROM ruby:3\nWORKDIR /a\nRUN bundle install --binstubs\nCMD ["bin/rails", "s"]',
        'FROM ruby:3\nRUN gem install x\nCMD ["bin/rails", "s"]',
        # The base image may have it, or a package.
        'FROM me/base\nCMD ["node", "/app/x.js"]',
        'FROM debian\nCMD ["/entrypoint.sh"]',
        'FROM debian\nCMD ["/usr/share/x/run.sh"]',
        'FROM debian\nCMD ["/app/server"]',
        'FROM python:3\nCMD ["python", "-m", "app"]',
        'FROM debian\nCOPY a /b/\nCMD ["/sbin/init"]',
        'FROM debian\nCMD ["sh", "$FOLDER/x.sh"]',
        "FROM debian",
    ],
)
def test_not_mounted(lines: str) -> None:
    assert find_mounted_program(make_rule_input(f"{lines}\n")) == ""
