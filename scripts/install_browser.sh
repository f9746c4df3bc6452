#!/bin/sh
# Install Chromium and its driver for the browser tests, if they are absent and this may be done without questions.
# Never fails: the tests say which of them they skip.
set -u
for browser in chromium chromium-browser google-chrome; do
    command -v "$browser" >/dev/null && command -v chromedriver >/dev/null && exit 0
done

tests="The browser tests"
names="Chromium and chromedriver"
packages="chromium chromium-driver"
. "${0%/*}/packages.sh"
become_root
install_packages
