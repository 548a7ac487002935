# Everything one does with the playground, each target with its sentence: `make help` prints them.
.DEFAULT_GOAL := help
.PHONY: help prepare run test lint format build bench bench-cluster conformance e2e garden images image-tools clean

help: ## Print this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

prepare:
	@command -v node npm >/dev/null || { echo 'Node and npm are missing. Install Node 20.19 or newer (https://nodejs.org) and try again.' >&2; exit 1; }
	@node scripts/prepare.mjs

run: prepare ## Start the playground on http://127.0.0.1:8080, without a cluster.
	@node --enable-source-maps dist/main.js

test: prepare ## Run all tests; the last line says how many passed, failed and were skipped.
	@npx mocha 'test/{unit,integration,conformance,browser,chart}/**/*.test.ts'

lint: prepare ## Check format, style, the import table and types.
	@npm run --silent lint

format: prepare ## Bring all files into the one format.
	@npm run --silent format

build: prepare ## Build the server and the page into dist/.

bench: prepare ## Measure start, echo, bulk, Ctrl-C, paste and memory, side by side with a plain baseline; ROWS: see test/bench/README.md.
	@npx tsx test/bench/main.ts

bench-cluster: prepare ## Measure the playground that Helm installed on the cluster of KUBECONFIG; NAMESPACE, RELEASE: see test/bench/README.md.
	@npx tsx test/bench/cluster.ts

conformance: prepare ## Play recordings of a real Gardener against the lite garden; TRANSCRIPTS names their folder.
	@npx tsx scripts/conformance.ts

e2e: prepare ## Install the chart on the cluster of KUBECONFIG and prove that it holds; E2E_TAG and E2E_LOAD: see test/e2e/README.md.
	@PLAYGROUND_CLUSTER="$$KUBECONFIG" PLAYGROUND_CLUSTER_IMAGE="playground/terminal:$${E2E_TAG:-dev}" npx mocha --grep 'real cluster' 'test/e2e/*.test.ts' 'test/conformance/cluster/*.test.ts' 'test/chart/*.test.ts'

garden: prepare ## Start the lite garden alone; its last line is an administrator's kubeconfig.
	@node --enable-source-maps dist/garden.js

images: ## Build the container images with docker or podman; TAG (dev), IMAGE_PREFIX (playground/), VERSION.
	@images/build.sh

image-tools: ## Build yq, k9s, gardenctl and gardenlogin with Go, for the terminal image that is built next.
	@images/tools.sh

clean: ## Remove what was built and installed.
	rm -rf dist node_modules .artifacts .run
