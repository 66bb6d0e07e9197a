# Each target installs what it needs through Go modules, npm and, for Chromium, Prometheus, Redis, pngquant, buildah, skopeo and umoci, Debian.
# Go must be installed; Node, too, for targets that build or test pages, federation or the published schema.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GO ?= go
ARGS ?=

# The race detector needs cgo, and so a C compiler. Without a compiler, or with RACE= , tests run without it.
RACE ?= $(shell cc=$$($(GO) env CC); $(GO) list -race errors >/dev/null 2>&1 && command -v "$${cc%% *}" >/dev/null && echo -race)
SAY_RACE = @[ -n "$(RACE)" ] || echo "The tests run without the race detector, which needs a C compiler (gcc or clang) and CGO_ENABLED=1." >&2

SAY_SLOW = echo "Compiling. The first time this takes one to three minutes, in which nothing is printed." >&2

.PHONY: help
help: ## List the targets.
	@grep -E '^[a-z0-9-]+:.*## ' Makefile | sed -E 's/^([a-z0-9-]+):.*## (.*)/  \1\t\2/' | expand -t 20

.PHONY: build
build: ## Build bin/atlas-restore-gateway, a static program.
	@[ -e bin/atlas-restore-gateway ] || $(SAY_SLOW)
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/atlas-restore-gateway .

.PHONY: run
run: build ## Start the gateway in demo mode (ARGS="--listen localhost:9000" for more).
	bin/atlas-restore-gateway --demo $(ARGS)

.PHONY: test
test: ## Run the project's tests.
	$(SAY_RACE)
	@$(SAY_SLOW)
	$(GO) vet ./...
	$(GO) test $(RACE) -shuffle=on -timeout 30m ./...

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (default 20s).
	test/fuzz.sh $(or $(FUZZTIME),20s)

.PHONY: soak
soak: ## Run the gateway under all faults at random for SOAKTIME (default 3m).
	$(SAY_RACE)
	SOAKTIME=$(or $(SOAKTIME),3m) $(GO) test $(RACE) -count=1 -timeout 0 -run '^TestSoak$$' -v ./internal/gateway/

.PHONY: fault-matrix
fault-matrix: ## Query every field while each Atlas call fails in each way (some minutes; make test runs a sample).
	FAULT_MATRIX=full $(GO) test -count=1 -timeout 0 -run '^TestFaultMatrix' ./internal/gateway/

.PHONY: bench
bench: node build bin/bench bin/redis test/bench/yoga/node_modules ## Measure the gateway beside a bare proxy and a plain facade (TABLE, WORK: a part; BEFORE: a second binary).
	bin/bench -gateway bin/atlas-restore-gateway -before "$(BEFORE)" -table "$(TABLE)" -work "$(WORK)"

# Also the Atlas simulator of other tests, whose jobs they make.
.PHONY: bin/bench
bin/bench:
	cd test/bench && $(GO) build -o ../../bin/bench .

# Unpacked and not installed: the package would start Redis as a service. With the libraries that it needs.
bin/redis:
	apt-get update -qq
	rm -rf $@.part && mkdir -p $@.part && cd $@.part && \
	  libraries=$$(apt-cache depends redis-tools | sed -nE 's/^ *Depends: (li[a-z]+[^ ]*|lua-[^ ]*)$$/\1/p' | grep -v '^libc6$$') && \
	  apt-get -o APT::Sandbox::User=root download -qq redis-server redis-tools $$libraries && \
	  for package in *.deb; do dpkg-deb -x "$$package" . && rm "$$package"; done
	mv $@.part $@

# The OpenID provider at which the pages' users sign in, in tests.
.PHONY: bin/example-replicas
bin/example-replicas:
	$(GO) build -o bin/example-replicas ./examples/replicas

.PHONY: bin/provider
bin/provider:
	cd test/access && $(GO) build -o ../../bin/provider ./provider

.PHONY: contract
contract: ## Test simulator and client against the official SDK and OpenAPI document.
	$(SAY_RACE)
	cd test/contract && $(GO) vet ./... && $(GO) test $(RACE) -shuffle=on -timeout 30m ./...

.PHONY: e2e e2e-demo e2e-http e2e-live e2e-federation e2e-access e2e-replicas e2e-web e2e-metrics
e2e: e2e-demo e2e-http e2e-federation e2e-access e2e-web e2e-metrics e2e-traces ## Test the built program from outside, with real clients.
	$(MAKE) --jobs=2 --output-sync=target e2e-live e2e-replicas # which wait most of the time

e2e-demo: build ## Start the built program and run the curl line that it prints.
	test/e2e/demo.sh bin/atlas-restore-gateway

e2e-http: node build test/http/node_modules ## Test HTTP with graphql-http's audits, the curl lines of the documents and Apollo's client.
	cd test/http && node --test --test-reporter=spec

e2e-live: node build bin/bench test/live/node_modules examples/supergraph/node_modules ## Subscribe with graphql-ws, graphql-sse, Apollo's client and Hive Gateway.
	cd test/live && node --test --test-reporter=spec

e2e-federation: node build examples/supergraph/node_modules test/federation/node_modules ## Compose the schema, and serve the example through Apollo Gateway and Hive Gateway.
	cd test/federation && node --test --test-reporter=spec

e2e-access: build ## Call the gateway with tokens of a real OpenID provider.
	$(SAY_RACE)
	cd test/access && $(GO) vet ./... && $(GO) test $(RACE) -shuffle=on -timeout 30m ./...

e2e-replicas: build bin/bench bin/example-replicas bin/redis ## Run several gateways with Debian's Redis, and take it away.
	$(SAY_RACE)
	cd test/replicas && $(GO) vet ./... && $(GO) test $(RACE) -parallel 6 -shuffle=on -timeout 5m ./...

e2e-web: node build bin/bench bin/provider /usr/bin/chromium test/web/node_modules ## Use the playground and the dashboard in Chromium.
	cd test/web && node --test --test-reporter=spec

# Not a part of e2e, which has the tests on one screen, and all accessibility tests on each: it takes nine minutes.
.PHONY: e2e-web-screens
e2e-web-screens: node build bin/bench bin/provider /usr/bin/chromium test/web/node_modules ## Test the dashboard on the other screens: light and dark, wide and narrow.
	cd test/web && for screen in '1280 dark' '390 light' '390 dark'; do read -r width colors <<<"$$screen"; \
	  PAGE_WIDTH=$$width PAGE_COLORS=$$colors node --test --test-reporter=dot dashboard.test.js token.test.js signin.test.js live.test.js; done

e2e-metrics: node build bin/prometheus test/metrics/node_modules ## Scrape the metrics with Prometheus, and test the alerts and the dashboard in deploy.
	cd test/metrics && node --test --test-reporter=spec

# Unpacked and not installed: the package would start Prometheus as a service.
bin/prometheus:
	apt-get update -qq
	rm -rf $@.part && mkdir -p $@.part && cd $@.part && apt-get -o APT::Sandbox::User=root download -qq prometheus && dpkg-deb -x prometheus_*.deb . && rm prometheus_*.deb
	mv $@.part $@

# Each in the other's way on two cores, so one after the other.
.PHONY: e2e-package
e2e-package: e2e-helm e2e-image e2e-release e2e-deb ## Test chart, image, release and Debian package (as root; some minutes, the first time twenty).

# What is released follows from the source, VERSION and the version of Go alone: the same bytes in each folder and on each
# machine. So the Go tool does not record the state of git, which differs between clones; outside a clone REVISION and
# SOURCE_DATE_EPOCH, the time of the commit, are given.
VERSION ?= 0.0.0-dev
REVISION ?= $(shell git describe --always --abbrev=40 --exclude='*' --dirty)
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct)
RELEASE = umask 022 && bin/release -version '$(VERSION)' -revision '$(REVISION)' -epoch '$(SOURCE_DATE_EPOCH)'

# Where packages are written.
DIST ?= dist

.PHONY: e2e-helm
e2e-helm: build bin/helm ## Lint and render the Helm chart with many values, and check what it renders.
	cd test/helm && $(GO) vet ./... && $(GO) test -shuffle=on -timeout 15m ./...

.PHONY: e2e-traces
e2e-traces: node build examples/supergraph/node_modules test/traces/node_modules ## Receive the traces and metrics of Hive Gateway and the gateway by the collector's receiver.
	cd test/traces && $(GO) vet ./... && $(GO) test -shuffle=on -timeout 15m ./...

# The version of Kubernetes is that of Helm's own libraries, as in the releases of Helm. Without it Helm assumes 1.20.
HELM_FLAGS := $(foreach package,pkg/chartutil pkg/lint/rules,-X helm.sh/helm/v3/$(package).k8sVersionMajor=1 \
  -X helm.sh/helm/v3/$(package).k8sVersionMinor=$$minor)
bin/helm: tools/helm/go.mod tools/helm/go.sum
	@echo "Compiling Helm. The first time this takes three to ten minutes, in which nothing is printed." >&2
	cd tools/helm && minor=$$($(GO) list -m -f '{{.Version}}' k8s.io/client-go | cut -d. -f2) && \
	  CGO_ENABLED=0 $(GO) build -trimpath -ldflags="-s -w $(HELM_FLAGS)" -o ../../$@ helm.sh/helm/v3/cmd/helm

# Packed once more, because helm writes the time into the archive: here every file has the same one.
.PHONY: chart
chart: bin/helm ## Pack the Helm chart into dist/ (VERSION=1.2.3), the same bytes each time.
	$(SAY_VERSION)
	rm -rf $(DIST)/chart && mkdir -p $(DIST)/chart
	bin/helm package deploy/helm/atlas-restore-gateway --version "$(VERSION)" --app-version "$(VERSION)" --destination $(DIST)/chart >/dev/null
	cd $(DIST)/chart && tar -xzmf *.tgz && tar --sort=name --format=ustar --mtime=@0 --owner=0 --group=0 --numeric-owner \
	  --mode=u=rwX,go=rX -cf - atlas-restore-gateway | gzip -9n > "../atlas-restore-gateway-$(VERSION).tgz"
	rm -rf $(DIST)/chart

# Who answers for the package. A release sets it.
DEB_MAINTAINER ?= Atlas Restore Gateway authors <nobody@atlas-restore-gateway.invalid>

DEB_ARCHITECTURES ?= amd64 arm64

DEB_TARGETS := $(addprefix deb-,$(DEB_ARCHITECTURES))

.PHONY: deb $(DEB_TARGETS)
deb: $(DEB_TARGETS) ## Write the Debian packages of VERSION into dist (DEB_MAINTAINER, DEB_ARCHITECTURES).

$(DEB_TARGETS): deb-%: bin/deb dist/build/linux_%
	$(SAY_VERSION)
	SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) bin/deb -version "$(VERSION)" -arch $* \
	  -program dist/build/linux_$*/atlas-restore-gateway -maintainer "$(DEB_MAINTAINER)" -out $(DIST)

.PHONY: e2e-deb
e2e-deb: bin/debian /usr/bin/lintian /usr/bin/systemd-nspawn ## Install, run, upgrade and purge the Debian package in a Debian that systemd boots (needs root).
	$(MAKE) deb VERSION=1.0.0 DIST=bin/packages
	cd test/deb && $(GO) vet ./... && $(GO) test -count=1 -timeout 30m ./...

# A Debian with systemd and what the package depends on, for a container.
bin/debian: /usr/bin/mmdebstrap
	rm -rf $@.part && mmdebstrap --mode=root --variant=minbase --quiet --format=directory \
	  --include=systemd-sysv,dbus,init-system-helpers,procps,ca-certificates,iproute2 bookworm $@.part
	mv $@.part $@

# Programs that neither Go modules nor npm have.
/usr/bin/lintian /usr/bin/mmdebstrap:
	apt-get update -qq && apt-get install -y -qq --no-install-recommends $(@F) >/dev/null

/usr/bin/systemd-nspawn:
	apt-get update -qq && apt-get install -y -qq --no-install-recommends systemd-container >/dev/null

bin/deb: tools/deb/main.go tools/deb/go.mod tools/deb/go.sum
	cd tools/deb && $(GO) build -o ../../$@ .

RELEASE_PLATFORMS ?= linux_amd64 linux_arm64 darwin_amd64 darwin_arm64 windows_amd64 windows_arm64

.PHONY: image
image: bin/release dist/build/linux_amd64 dist/build/linux_arm64 ## Write dist/image, an OCI layout for amd64 and arm64 (VERSION=1.0.0).
	$(RELEASE) image

# Targets of what else is a part of the release. Each writes into the folder DIST.
RELEASE_PACKAGES ?= chart deb schema-archive

.PHONY: release
release: check-release image $(addprefix dist/build/,$(RELEASE_PLATFORMS)) ## Write dist/VERSION: archives, SBOMs, notices, the image and checksums (VERSION=1.0.0).
	$(RELEASE) archives $(RELEASE_PLATFORMS)
	for package in $(RELEASE_PACKAGES); do $(MAKE) $$package VERSION='$(VERSION)' SOURCE_DATE_EPOCH='$(SOURCE_DATE_EPOCH)' \
	  DIST='dist/$(VERSION)' || exit; done
	cd dist/$(VERSION) && LC_ALL=C && sha256sum -- * >SHA256SUMS

.PHONY: check-release
check-release:
	@[ '$(VERSION)' != 0.0.0-dev ] || { echo "Say which version: make release VERSION=1.0.0" >&2; exit 1; }
	@[[ '$(REVISION)' != *-dirty ]] || { git status --short; echo "Commit these files first: a release is built from a commit." >&2; exit 1; }

# The program for a platform, such as dist/build/linux_amd64.
dist/build/%: FORCE
	@[ -e $@ ] || $(SAY_SLOW)
	GOOS=$(word 1,$(subst _, ,$*)) GOARCH=$(word 2,$(subst _, ,$*)) GOAMD64=v1 GOARM64=v8.0 GOEXPERIMENT= GOFLAGS= CGO_ENABLED=0 \
	  $(GO) build -trimpath -buildvcs=false -ldflags="-s -w -X '$(BUILD).version=$(VERSION)' -X '$(BUILD).revision=$(REVISION)'" -o $@/ .
BUILD := atlas-restore-gateway/internal/telemetry

.PHONY: FORCE
FORCE:

.PHONY: bin/release
bin/release:
	cd tools/release && $(GO) build -o ../../$@ .

# For platforms that differ in the form of their archive: all six take long to compile.
E2E_RELEASE = VERSION='$(VERSION)' REVISION='$(REVISION:-dirty=)' SOURCE_DATE_EPOCH='$(SOURCE_DATE_EPOCH)' \
  RELEASE_PLATFORMS='linux_amd64 windows_amd64' RELEASE_PACKAGES=
.PHONY: e2e-release
e2e-release: VERSION = 1.2.3
e2e-release: ## Make a release for two platforms in two folders, compare them, and check what is in it.
	cd tools/release && $(GO) vet ./... && $(GO) test -shuffle=on ./...
	$(MAKE) release $(E2E_RELEASE)
	cd test/release && $(GO) vet ./... && $(E2E_RELEASE) $(GO) test -count=1 -shuffle=on -timeout 30m ./...

.PHONY: e2e-image
e2e-image: image /usr/bin/buildah /usr/bin/skopeo /usr/bin/umoci ## Inspect, push and run the image without a container engine (needs root).
	cd test/image && $(GO) vet ./... && VERSION='$(VERSION)' REVISION='$(REVISION)' SOURCE_DATE_EPOCH='$(SOURCE_DATE_EPOCH)' \
	  $(GO) test -count=1 -shuffle=on -timeout 10m ./...

.PHONY: screenshots
screenshots: node build /usr/bin/chromium /usr/bin/pngquant test/web/node_modules ## Take the screenshots in docs/screenshots.
	cd test/web && SCREENSHOTS=../../docs/screenshots node --test --test-reporter=dot screenshots.test.js
	pngquant --force --ext .png --strip --speed 1 --quality 60-90 docs/screenshots/*.png

# Programs that neither Go modules nor npm have.
/usr/bin/chromium /usr/bin/pngquant /usr/bin/buildah /usr/bin/skopeo /usr/bin/umoci:
	apt-get update -qq && apt-get install -y -qq --no-install-recommends $(@F) >/dev/null

.PHONY: supergraph
supergraph: node build examples/supergraph/node_modules ## Start the example supergraph, with the gateway in demo mode (needs Node).
	cd examples/supergraph && node supergraph.js ../../bin/atlas-restore-gateway

.PHONY: replicas
replicas: build bin/redis ## Start three gateways, Redis and a balancer before them.
	$(GO) run ./examples/replicas -redis bin/redis/usr/bin/redis-server

# The tools are built from tools/go.mod, which pins them.
bin/golangci-lint: tools/go.mod tools/go.sum
	@$(SAY_SLOW)
	cd tools && $(GO) build -o ../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

bin/gqlgen: $(wildcard tools/gqlgen/*) tools/go.mod tools/go.sum
	@$(SAY_SLOW)
	cd tools && $(GO) build -o ../$@ ./gqlgen

bin/grafana-dashboard: $(wildcard tools/grafana/*)
	cd tools/grafana && $(GO) build -o ../../$@ .

bin/pack: tools/pack/main.go tools/go.mod tools/go.sum
	cd tools && $(GO) build -o ../$@ ./pack

GENERATED := graph go.mod go.sum internal/web/playground/files internal/web/dashboard/files examples/dashboard/src/graphql deploy/grafana-dashboard.json

.PHONY: generate
generate: bin/gqlgen pages grafana-dashboard ## Write generated code, the built pages and the dashboard for Grafana.
	bin/gqlgen

.PHONY: grafana-dashboard
grafana-dashboard: bin/grafana-dashboard ## Write the dashboard for Grafana, deploy/grafana-dashboard.json.
	bin/grafana-dashboard >deploy/grafana-dashboard.json.part && mv deploy/grafana-dashboard.json.part deploy/grafana-dashboard.json

.PHONY: pages
pages: bin/pack schema web/playground/node_modules examples/dashboard/node_modules ## Build the pages that the program embeds: web/playground and examples/dashboard.
	cd web/playground && npm run --silent build -- --logLevel error
	bin/pack web/playground/dist internal/web/playground/files
	cd examples/dashboard && npm run --silent generate -- --silent && npm run --silent build -- --logLevel error
	bin/pack examples/dashboard/dist internal/web/dashboard/files

.PHONY: check-generated
check-generated: generate ## Fail if the committed generated files differ from newly generated ones.
	@git diff --stat --exit-code -- $(GENERATED) || { echo "run 'make generate' and commit what it writes"; exit 1; }
	@untracked=$$(git ls-files --others --exclude-standard -- $(GENERATED)); \
	  [ -z "$$untracked" ] || { echo "generated and not committed: $$untracked"; exit 1; }

# Checked first, because targets that need Node run for minutes before they would fail.
.PHONY: node
node:
	@command -v node >/dev/null && command -v npm >/dev/null || { \
	  echo "This needs Node 20 or newer, with npm: install it (https://nodejs.org), then run make again." >&2; exit 1; }
	@node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' || { \
	  echo "This needs Node 20 or newer, and node is $$(node --version): install a newer one (https://nodejs.org), then run make again." >&2; exit 1; }

# Installs the npm packages of a folder, as its lock file pins them.
NPM_CI := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
%/node_modules: %/package.json %/package-lock.json | node
	cd $* && $(NPM_CI) && touch node_modules

.PHONY: schema
schema: test/schema/node_modules ## Write the published schema, schema/, of a gateway without and with --actions.
	cd test/schema && node write.js

# VERSION is that of a release, as 1.2.3, or of one that is tried before, as 1.2.3-rc.1.
SAY_VERSION = @[[ "$(VERSION)" =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$$ ]] || { echo "make $@ VERSION=1.2.3" >&2; exit 1; }

.PHONY: record-release
record-release: schema ## Record what a release promises, in schema/released and the lists of names (VERSION=1.2.3).
	$(SAY_VERSION)
	cd test/schema && node release.js "$(VERSION)"
	RECORD_RELEASE=1 $(GO) test -count=1 -run Released ./internal/...

.PHONY: schema-changelog
schema-changelog: test/schema/node_modules ## Print how the schema differs from that of the release before, as Markdown (VERSION=1.2.3).
	$(SAY_VERSION)
	@cd test/schema && node changelog.js "$(VERSION)"

.PHONY: schema-archive
schema-archive: schema ## Pack the published schema and its changes into dist/ (VERSION=1.2.3), the same bytes each time.
	$(SAY_VERSION)
	mkdir -p $(DIST)
	cp -R schema $(DIST)/schema.part && rm -r $(DIST)/schema.part/*.go $(DIST)/schema.part/released
	cd test/schema && node changelog.js "$(VERSION)" >$(abspath $(DIST))/schema.part/CHANGES.md
	cd $(DIST) && tar --sort=name --format=ustar --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
	  --transform 's,^schema.part,schema,' -cf - schema.part | gzip -9n >"atlas-restore-gateway-$(VERSION)-schema.tar.gz"
	rm -r $(DIST)/schema.part

.PHONY: check-schema
check-schema: schema ## Lint the schema; fail if it breaks clients of a release or is not published.
	test/schema/node_modules/.bin/eslint -c test/schema/eslint.config.js graph/schema.graphqls graph/actions.graphqls
	cd test/schema && node --test --test-reporter=dot && node check.js
	@git diff --exit-code -- schema || { echo "run 'make schema' and commit what it writes"; exit 1; }

.PHONY: lint
lint: bin/golangci-lint ## Run golangci-lint and check formatting, go.mod, generated code and the schema.
	bin/golangci-lint run ./...
	for m in contract bench access deb helm image release replicas traces; do (cd test/$$m && ../../bin/golangci-lint run --config ../../.golangci.yml ./... && $(GO) mod tidy -diff); done
	$(GO) mod tidy -diff
	cd tools && $(GO) vet ./... && $(GO) mod verify >/dev/null
	cd tools/grafana && $(GO) mod tidy -diff && $(GO) vet ./...
	cd tools/deb && ../../bin/golangci-lint run --config ../../.golangci.yml ./... && $(GO) mod tidy -diff && $(GO) mod verify >/dev/null
	cd tools/release && ../../bin/golangci-lint run --config ../../.golangci.yml ./... && $(GO) mod tidy -diff && $(GO) mod verify >/dev/null
	$(MAKE) --no-print-directory check-generated check-schema
	for page in web/playground examples/dashboard; do (cd $$page && npm run --silent check); done

.PHONY: clean
clean: ## Delete built programs, and what was made for a release.
	rm -rf bin dist
