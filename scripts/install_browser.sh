#!/bin/sh
# Install Chromium and its driver for the browser tests, if they are absent and this may be done without questions.
# Never fails: the tests say which of them they skip.
set -u
for browser in chromium chromium-browser google-chrome; do
    command -v "$browser" >/dev/null && command -v chromedriver >/dev/null && exit 0
done

log=$(mktemp)
trap 'rm -f "$log"' EXIT

give_up() {
    echo "The browser tests will be skipped: $1. To run them: apt install chromium chromium-driver"
    exit 0
}

command -v apt-get >/dev/null || give_up "Chromium and chromedriver are not installed, and there is no apt-get here"
if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    give_up "Chromium and chromedriver are not installed, and installing them needs root"
fi

echo "Installing Chromium and its driver for the browser tests."
apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" </dev/null >>"$log" 2>&1
}
apt update || true # an outdated index may still do
apt install --no-install-recommends chromium chromium-driver || give_up "Chromium could not be installed ($(grep '^E:' "$log" | head -n 1))"
