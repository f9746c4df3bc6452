# Installing packages of Debian and Ubuntu without questions. Sourced by scripts that say beforehand what they want:
#   tests     the tests that need it, as a sentence begins
#   names     what is missing
#   packages  what is to be installed
# shellcheck shell=sh disable=SC2154

log=$(mktemp)
as_root=
trap 'rm -f "$log"' EXIT

give_up() {
    echo "$tests will be skipped: $1. To run them: apt install $packages"
    exit 0
}

become_root() {
    command -v apt-get >/dev/null || give_up "$names are not installed, and there is no apt-get here"
    [ "$(id -u)" -eq 0 ] && return
    sudo -n true 2>/dev/null || give_up "$names are not installed, and installing them needs root"
    as_root="sudo -n"
}

apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" </dev/null >>"$log" 2>&1
}

install_packages() {
    echo "Installing $names. $tests need them."
    apt update || true # an outdated index may still do
    # shellcheck disable=SC2086
    apt install --no-install-recommends $packages || give_up "$names could not be installed ($(grep '^E:' "$log" | head -n 1))"
}
