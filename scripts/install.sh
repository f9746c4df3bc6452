#!/bin/sh
# Install a requirements file into .venv, which is made when it is not there, and the drivers that are asked for.
# Usage: scripts/install.sh requirements.txt [postgresql|mariadb|redis]...
# Says nothing and takes no time when all that is installed already. Tries $PYTHON, or else the Pythons on PATH.
set -u
cd "$(dirname "$0")/.." || exit 1

requirements=$1
shift
stamp=".venv/.installed-${requirements%.txt}"
drivers= # their requirements files
unfinished=.venv/.unfinished # there only while something is being installed
log=.venv/install.log

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

for driver in "$@"; do
    [ -f "requirements-$driver.txt" ] || fail "There is no requirements-$driver.txt. WITH takes postgresql, mariadb and redis."
    drivers="$drivers requirements-$driver.txt"
    stamp="$stamp-$driver"
done

# requirements-dev.txt contains all the others, so a stamp is the text of every file.
wanted() {
    cat requirements*.txt
}

# python_version COMMAND: 3.11.7, or nothing when there is no such Python
python_version() {
    "$1" -c 'import sys; print("%d.%d.%d" % tuple(sys.version_info[:3]))' 2>/dev/null
}

# new_enough VERSION
new_enough() {
    major=${1%%.*}
    rest=${1#*.}
    minor=${rest%%.*}
    [ "$major" -gt 3 ] || { [ "$major" -eq 3 ] && [ "$minor" -ge 11 ]; }
}

venv_works() {
    version=$(python_version .venv/bin/python) && new_enough "$version" && [ ! -e "$unfinished" ]
}

find_python() {
    found=
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        version=$(python_version "$candidate") || continue
        if new_enough "$version"; then
            python=$candidate
            return
        fi
        found=${found:-$version}
    done
    [ -n "$found" ] || fail "Python 3.11 or newer is needed, and no Python was found. Install python3, then run make again."
    fail "Python 3.11 or newer is needed; the one found here is $found." \
        "If a newer one is installed elsewhere, name it: make run PYTHON=/path/to/python3.12"
}

make_venv() {
    find_python
    short=${version%.*}
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "Python $version was found, but its venv module is missing. On Debian and Ubuntu: apt install python$short-venv"
    rm -rf .venv
    mkdir .venv && : >"$unfinished" && "$python" -m venv .venv >"$log" 2>&1 ||
        fail "The virtual environment .venv could not be made:" "$(tail -n 3 "$log")"
}

explain_pip() {
    missing=$(sed -n 's/^ERROR: No matching distribution found for //p' "$log" | head -n 1)
    # pip names a package that it collects only once the index has answered.
    if grep -qE 'connection broken by|ConnectionError|ConnectTimeout|ReadTimeout|SSLError|ProxyError' "$log" ||
        { [ -n "$missing" ] && ! grep -q '^Collecting' "$log"; }; then
        fail "The packages could not be downloaded: the package index cannot be reached." \
            "Check the network, or set HTTPS_PROXY or PIP_INDEX_URL, then run make again. Details: $log"
    elif [ -n "$missing" ]; then
        fail "The package index has no ready-made $missing for Python $(python_version .venv/bin/python) on this machine. Details: $log"
    fi
    fail "The packages could not be installed. The last lines of $log:" "$(tail -n 3 "$log")"
}

if venv_works; then
    wanted | cmp -s - "$stamp" && exit 0
else
    make_venv
fi

echo "Installing the packages of $requirements$drivers into .venv; this takes about a minute."
trap 'exit 130' HUP INT TERM
: >"$unfinished"
if .venv/bin/python -m pip install --no-input --no-compile --disable-pip-version-check --only-binary=:all: \
    $(printf -- '-r %s ' "$requirements" $drivers) >"$log" 2>&1; then
    wanted >"$stamp" && rm -f "$unfinished"
else
    # A download that failed has changed nothing; after anything else the next run makes .venv anew.
    grep -q '^Installing collected packages' "$log" || rm -f "$unfinished"
    explain_pip
fi
