"""Nothing that is a secret leaves; nothing that is none is touched."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.build_key import BuildKey
from bot.model.report import ImageState
from bot.redaction import (
    REDACTED,
    find_secret_values,
    redact,
    redact_lines,
    redact_report,
    split_secret,
)
from bot.report.document.report_document import render_json
from bot.report.formats.markdown import render_markdown
from tests.support.image_world import compared, image, review
from tests.support.report_cases import CASES


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("ghp_" + "a1" * 18, "***"),
        ("cloned with github_pat_" + "x" * 30 + " today", "cloned with *** today"),
        ("AKIAIOSFODNN7EXAMPLE", "***"),
        ("npm_" + "Z9" * 18, "***"),
        ("eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.s5f-x_Y", "***"),
        ("https://ann:hunter2@example.com/x", "https://ann:***@example.com/x"),
        ("https://hunter2token@example.com/x", "https://***@example.com/x"),
        ("curl -H 'Authorization: Bearer abc.def-1'", "curl -H 'Authorization: Bearer ***'"),
        ("RUN |1 NPM_TOKEN=hunter2 /bin/sh -c npm ci", "RUN |1 NPM_TOKEN=*** /bin/sh -c npm ci"),
        ("ENV DB_PASSWORD='hunter 2' X=1", "ENV DB_PASSWORD=*** X=1"),
        ("GET /x?access_token=hunter2&y=1", "GET /x?access_token=***&y=1"),
        ("ENV DB_PASSWORD hunter2", "ENV DB_PASSWORD ***"),
        ("ENV SMTP_PASS=hunter2 GH_PAT=hunter3", "ENV SMTP_PASS=*** GH_PAT=***"),
        ("login --registry-password hunter2 x", "login --registry-password *** x"),
        (
            "ADD https://x.blob/y?sv=1&sig=hunter2%2Bhunter2&se=2 /y",
            "ADD https://x.blob/y?sv=1&sig=***&se=2 /y",
        ),
        ("-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA", "*** RSA"),
    ],
)
def test_text_that_looks_like_a_secret_is_masked(text: str, redacted: str) -> None:
    assert redact(text) == redacted


SECRETS = r"""
RUN echo "machine git.example.org login bot password hunter2hunter2" > /root/.netrc
RUN printf 'machine a.b\nlogin bot\npassword hunter2\n' > ~/.netrc
RUN printf 'machine a.b login bot\\npassword hunter2\\n' > ~/.netrc
RUN echo "login bot" >> ~/.netrc && echo "password hunter2" >> ~/.netrc
machine a.b password hunter2
default login bot password hunter2
password hunter2
  password hunter2
RUN true -u root -phunter2S9
RUN mysql -u root -phunter2 -e 'x'
RUN mysql -uroot -phunter2 db
RUN mysqldump --host x -phunter2 db
/usr/bin/mysql -phunter2
RUN mariadb -u root -p'hunter2 x' -e y
RUN mysql -u root -p"hunter2"
RUN mysqladmin -u root password hunter2
RUN foo --user=x -phunter2Xy9
RUN echo sk_live_hunter2hunter2hunter2
RUN PGPASSWORD=hunter2 psql -h db
RUN sshpass -p hunter2 ssh x
RUN sshpass -phunter2 scp a b
RUN sshpass -p 'hunter2' ssh x
RUN curl -u user:hunter2 https://x
RUN curl -fsSL -u "user:hunter2" https://x
RUN curl -su user:hunter2 https://x
RUN curl --user user:hunter2 https://x
RUN curl --user=user:hunter2 https://x
RUN wget --http-user=u --http-password=hunter2 https://x
RUN wget --user=u --password hunter2 https://x
RUN curl -H "Authorization: Bearer hunter2" x
RUN curl -H 'Authorization: Basic hunter2==' x
RUN curl -H "Authorization: token hunter2" x
RUN curl -H "PRIVATE-TOKEN: hunter2" x
RUN curl -H "X-Api-Key: hunter2" x
RUN curl -H 'Cookie: sid=hunter2' x
docker build --build-arg TOKEN=hunter2 .
docker build --build-arg NPM_TOKEN=hunter2hunter2 .
RUN echo "//registry.npmjs.org/:_authToken=hunter2" > .npmrc
RUN npm config set //registry.npmjs.org/:_authToken hunter2
RUN npm set _auth=hunter2
RUN npm config set _auth hunter2
RUN pip install --extra-index-url https://user:hunter2@x.example/simple a
RUN pip config set global.index-url https://__token__:hunter2@x/simple
RUN git clone https://hunter2@github.com/a/b
RUN git clone https://oauth2:hunter2@gitlab.com/a/b
ENV AWS_SECRET_ACCESS_KEY=hunter2/abc+def
ENV AWS_SECRET_ACCESS_KEY hunter2
RUN aws configure set aws_secret_access_key hunter2
RUN docker login -u bot -p hunter2 ghcr.io
RUN docker login --username bot --password hunter2 ghcr.io
RUN docker login --username=bot --password=hunter2 ghcr.io
RUN echo hunter2 | docker login -u bot --password-stdin
RUN echo "hunter2" | docker login -u bot --password-stdin
RUN echo 'root:hunter2' | chpasswd
RUN echo root:hunter2 | chpasswd
RUN echo hunter2 | passwd --stdin root
RUN echo hunter2 | sudo -S apt-get update
RUN useradd -m -p hunter2hash app
RUN htpasswd -bc /etc/nginx/.htpasswd admin hunter2
RUN htpasswd -nb admin hunter2
RUN redis-cli -h x -a hunter2 ping
RUN mongosh -u admin -p hunter2
RUN sqlcmd -S localhost -U sa -P hunter2
RUN unzip -P hunter2 a.zip
RUN 7z x -phunter2 a.7z
RUN openssl enc -aes-256-cbc -pass pass:hunter2 -in a
RUN ldapsearch -D cn=a -w hunter2
RUN gpg --batch --passphrase hunter2 -d x
RUN vault login hunter2
RUN composer config http-basic.repo.example.com ann hunter2
RUN composer config -g github-oauth.github.com hunter2
RUN bundle config gems.contribsys.com ann:hunter2
RUN echo '{"auths":{"ghcr.io":{"auth":"hunter2=="}}}' > /root/.docker/config.json
{"password": "hunter2"}
password: hunter2
api_key: hunter2
  DB_PASSWORD: hunter2
ENV DATABASE_URL=postgres://app:hunter2@db:5432/app
ENV REDIS_URL=redis://:hunter2@cache:6379
ENV AZURE_STORAGE_CONNECTION_STRING="DefaultEndpointsProtocol=https;AccountName=x;AccountKey=hunter2==;EndpointSuffix=core"
RUN curl "https://x.blob.core.windows.net/c/y?sv=2020&sig=hunter2hunter2%3D"
RUN curl -X POST https://hooks.slack.com/services/T000/B000/hunter2hunter2
RUN dotnet nuget add source https://x -u bot -p hunter2X9z --store-password-in-clear-text
RUN dotnet nuget add source https://x --username bot --password hunter2
RUN nuget sources add -Username bot -Password hunter2
RUN java -Djavax.net.ssl.keyStorePassword=hunter2 -jar x
RUN keytool -storepass hunter2 -keypass hunter2 -list
RUN gradle -PrepoPassword=hunter2 build
RUN mvn -Dpassword=hunter2
ARG SSH_PRIVATE_KEY=hunter2
RUN smbclient //a/b -U ann%hunter2
RUN mount -t cifs -o username=a,password=hunter2 //x /y
RUN export SECRET=hunter2; x
RUN TOKEN="hunter2" ./x
RUN set -x; api_token='hunter2' run
RUN echo "db:5432:*:app:hunter2" > ~/.pgpass
RUN twine upload -u __token__ -p hunter2 dist/*
RUN snyk auth hunter2
ENV MYSQL_PWD=hunter2
RUN psql "host=x user=y password=hunter2"
RUN http -a ann:hunter2 example.org
LABEL token=hunter2
RUN svn co --username a --password hunter2 https://x
RUN lftp -u ann,hunter2 ftp://x
RUN az login --service-principal -u x -p hunter2 --tenant y
RUN oc login -u a -p hunter2
RUN helm registry login -u a -p hunter2 x
RUN kubectl create secret generic x --from-literal=password=hunter2
RUN mysql --user=root --password=hunter2 -e x
RUN rabbitmqctl add_user ann hunter2
RUN psql -c "ALTER USER x WITH PASSWORD 'hunter2'"
RUN mysql -e "CREATE USER x IDENTIFIED BY 'hunter2'"
RUN adduser --password hunter2 x
RUN ./x --api-key hunter2 --secret-key=hunter2
RUN ./x --token=hunter2
RUN ./x --auth-token hunter2
RUN ./x -token hunter2
RUN yarn config set npmAuthToken hunter2
RUN pip install https://x?access_token=hunter2
RUN gem sources --add https://ann:hunter2@gems
RUN git config --global url."https://hunter2:x-oauth-basic@github.com/".insteadOf x
RUN echo "https://ann:hunter2@github.com" > ~/.git-credentials
RUN gh secret set TOKEN --body hunter2
RUN curl -d "username=a&password=hunter2" x
RUN curl --data-urlencode "pass=hunter2" x
RUN echo "password=hunter2" >> x.properties
RUN sed -i 's/PASSWORD=.*/PASSWORD=hunter2/' x
RUN wget --header="X-JFrog-Art-Api: hunter2" x
RUN curl -H "X-JFrog-Art-Api:hunter2" x
-----BEGIN OPENSSH PRIVATE KEY-----hunter2
-----BEGIN PGP PRIVATE KEY BLOCK-----hunter2
"""
NO_SECRETS = r"""
RUN nc -l -p 8080
RUN mkdir -p /x/y
RUN docker run -p80:80 nginx
RUN docker run -p 8080:80 -u root nginx
RUN docker run -u 1000:1000 -p80:80 nginx
RUN docker run --user app:app nginx
RUN docker run -u app:app --network x y
RUN useradd -m -s /bin/sh -p '' app
RUN patch -p1 < x.patch
RUN gcc -pthread -pipe -pie -pedantic x.c
RUN find . -print0 -u x
RUN sudo -u app find . -print0
RUN sudo -u app find . -perm 0644 -prune
RUN tar -pxzf a.tgz
RUN cp -pr a b && cp -u a -pR b
RUN rsync -avu src -pt dst
RUN dotnet publish -p:Configuration=Release -p:PublishTrimmed=true
RUN mvn -pl core -am package
RUN ps -p1
RUN ssh -p2222 x
RUN pg_dump -p5432 -U app db
RUN sudo -u postgres psql -p5432
RUN mysql -u root -p -e x
RUN mysql -u root -p$MYSQL_ROOT_PASSWORD
RUN mysql -u root -p"$PASS" -e x
RUN mysql -u root -p${PASS}
RUN mysql -h db -P 3306 x
RUN curl -u "$USER:$PASS" x
RUN curl -u $USER:$PASS x
RUN curl -fsSL https://x.y/z -o /a
RUN curl -H "Authorization: Bearer $TOKEN" x
RUN curl -H "Authorization: Bearer ${TOKEN}" x
RUN echo "root:$PASS" | chpasswd
RUN echo "machine x login y password $TOKEN" > ~/.netrc
RUN passwd -l root
RUN pip install tokenizers==0.19 secretstorage==3.3 passlib==1.7
RUN apt-get install -y libsecret-1-0 passwd pass
RUN npm ci --ignore-scripts
ENV API_TOKEN=$API_TOKEN
docker buildx build --secret id=npm_token,src=.npmrc --secret type=env,id=x .
mongod --auth --port 27017
./x --token-file /run/secrets/x --password-stdin
ENV PASSENGER_VERSION=6 BYPASS=1 PATH=/a PATTERN=x
ENV POSTGRES_PASSWORD_FILE=/run/secrets/db
COPY --from=build /auth /auth
RUN login --token $TOKEN --password-stdin --pass -v
RUN --mount=type=secret,id=npm_token npm ci
RUN go build -ldflags "-s -w" ./cmd/authz
unauthorized: authentication required
ERROR: failed to authorize: failed to fetch anonymous token: 403
password: required
please login with password authentication, or set a default password first
the machine needs a password to start
Please enter password:
token: invalid
COPY tokens.json secrets.yml /x/
EXPOSE 8080
LABEL maintainer=ann@example.com author=x
RUN openssl genrsa -out key.pem 2048
RUN openssl x509 -passin env:PW
RUN unzip -p a.zip x
RUN zip -r a.zip b
RUN redis-server --appendonly yes
RUN echo "hello: world" | tee x
RUN echo done | sudo tee x
RUN perl -pe 's/a/b/' -i x
RUN install -D -m 0755 a b
RUN grep -P 'x' y
RUN wget -P /tmp https://x
RUN sed -i 's/#PasswordAuthentication yes/PasswordAuthentication no/' /etc/ssh/sshd_config
git clone ssh://git@example.com/x.git
RUN git clone git@github.com:a/b
RUN useradd --system --uid 1000 --no-create-home app
RUN groupadd -g 1000 app && useradd -u 1000 -g app app
RUN su -p app
WORKDIR $PWD
ENV PWD=/app OLDPWD=/
RUN sk-learn something sk-skeleton-loader
RUN npm run build -- --max-old-space-size=4096
RUN chmod -R u+x /usr/src/app && chown -R app:app /x
RUN apk add --no-cache --virtual .build-deps
RUN keytool -list -keystore x
RUN login with password
RUN vault login -method=oidc
RUN docker login ghcr.io
RUN mongod --port 27017
RUN java -jar x.jar -port 80
HEALTHCHECK CMD curl -f http://localhost:8080/ || exit 1
ENV NODE_OPTIONS=--max-old-space-size=1 TZ=UTC
sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
https://example.com/list?sort=keyword-of-many&key=short
import "golang.org/x/oauth2:latest"
[2/4] COPY package.json ./
#5 0.123 added 5 packages, and audited 6 packages in 1s
"""


@pytest.mark.parametrize("text", SECRETS.strip("\n").splitlines())
def test_a_secret_of_every_kind_is_masked(text: str) -> None:
    redacted = redact(text)
    assert "unter2" not in redacted
    assert REDACTED in redacted
    assert redact(redacted) == redacted


@pytest.mark.parametrize("text", NO_SECRETS.strip("\n").splitlines())
def test_options_ports_and_variables_are_kept(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "git clone ssh://git@example.com/x.git",
        "RUN pip install tokenizers==0.19",
        "LABEL author=ann@example.com AUTHOR=ann",
        "RUN --mount=type=secret,id=npm npm ci",
        "ENV API_TOKEN=$API_TOKEN",
        "sha256:" + "ab" * 32,
        "https://example.com:8080/a@b",
        "COPY keys.txt /etc/apt/keyrings/",
        "ENV PASSENGER_VERSION=6 BYPASS=1 PATH=/a PATTERN=x",
        "RUN login --token $TOKEN --password-stdin --pass -v",
        "ENV PATH /usr/local/bin",
        "ENV TOKEN_FILE=$X OTHER y",
        "https://example.com/list?sort=keyword-of-many&key=short",
    ],
)
def test_text_that_is_no_secret_is_kept(text: str) -> None:
    assert redact(text) == text


def test_build_arguments_are_secrets_by_their_name() -> None:
    arguments = {
        "NPM_TOKEN": "hunter2",
        "VERSION": "1.2.3",
        "DbPassword": "x y",
        "GITHUB_PAT": "pat",
        "EMPTY_SECRET": "",
    }
    assert find_secret_values(arguments) == ("hunter2", "x y", "pat")


def test_secret_values_are_masked_everywhere_but_not_inside_words() -> None:
    assert redact("a hunter2b", ["hunter2"]) == "a ***b"
    assert redact("it is true", ["true", "is"]) == "it is true"
    assert redact("one\ntwo-two\n", ["first\ntwo-two"]) == "one\n***\n"


def test_a_report_contains_no_secrets_of_its_builds() -> None:
    world = "FROM x 1MB / RUN |1 CODE=hunter2 login hunter2 2MB"
    image = compared("FROM x 1MB", world, log=("denied: hunter2",))
    spec = replace(image.spec, build_args={"PASSWORD": "hunter2"})
    report = redact_report(review(replace(image, spec=spec), notes=("see hunter2",)))
    assert "hunter2" in render_json(review(image))
    assert "hunter2" not in render_json(report)
    assert "hunter2" not in render_markdown(report)


@pytest.mark.parametrize("name", [name for name in CASES if name != "hostile"])
def test_a_report_without_secrets_is_unchanged(name: str) -> None:
    report = CASES[name]()
    assert redact_report(report) == report


def test_a_private_key_in_the_lines_of_a_log_is_masked() -> None:
    lines = ("a", "0.1 -----BEGIN RSA PRIVATE KEY-----", "MIIEhunter2", "x", "-----END RSA", "b")
    assert redact_lines(lines) == ("a", "0.1 ***", "***", "***", "-----END RSA", "b")
    one_line = ("-----BEGIN PRIVATE KEY-----x-----END PRIVATE KEY-----", "b")
    assert redact_lines(one_line) == ("*** PRIVATE KEY-----", "b")
    certificate = ("-----BEGIN CERTIFICATE-----", "MIIC", "-----END CERTIFICATE-----")
    assert redact_lines(certificate) == certificate
    report = review(compared("FROM x 1MB", "FROM x 1MB / RUN y 1MB", log=lines))
    assert "hunter2" not in render_json(redact_report(report))


def test_lines_of_a_secret_that_are_too_short_are_kept() -> None:
    assert split_secret("e\nabc\ntrue\n  long-1  \r\nlong-2\n") == ("long-1", "long-2")


@given(st.text())
def test_masking_is_idempotent(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


def test_fields_outside_of_the_page_are_not_masked() -> None:
    """An image's files, one by one, may be hundreds of thousands, and their sums must hold."""
    whole = image("FROM x 1MB", tree="a/hunter2 1MB #x @0")
    shown = compared(whole, whole)
    spec = replace(shown.spec, build_args={"PASSWORD": "hunter2"})
    report = redact_report(review(replace(shown, spec=spec)))
    head = report.images[0].comparison.head
    assert head
    assert (head.tree, head.wasted_files, head.layers) == (
        whole.tree,
        whole.wasted_files,
        whole.layers,
    )


def test_the_digest_of_a_secret_argument_is_dropped() -> None:
    key = BuildKey("sha256:" + "12" * 32)
    report = replace(compared(None, "FROM a 1MB", state=ImageState.NEW), build_key=key)
    secret = replace(report, spec=replace(report.spec, build_args={"NPM_TOKEN": "hunter2"}))
    plain = replace(report, spec=replace(report.spec, build_args={"VERSION": "1.2"}))
    images = redact_report(review(secret, plain)).images
    assert [image.build_key for image in images] == [None, key]
