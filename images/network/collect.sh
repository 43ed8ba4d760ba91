#!/bin/sh
# Collects the file system of the network container: its programs, what they load, and busybox as shell. Copies from the system that it
# runs on, or from an unpacked one below another folder; installs nothing and needs no network.
# usage: sh collect.sh TARGET [ROOT]. Exit code 3: programs are missing; they and their Debian packages are named on standard error.
set -eu
umask 022
target=$1
root=${2:-}

# Each with the Debian package that has it.
programs='nft:nftables ip:iproute2 bridge:iproute2 conntrack:conntrack xtables-nft-multi:iptables xtables-legacy-multi:iptables
named:bind9 rndc:bind9-utils named-checkconf:bind9-utils nsupdate:bind9-dnsutils haproxy:haproxy socat:socat flock:util-linux
busybox:busybox-static'
folders='/usr/sbin /usr/bin /sbin /bin /usr/local/sbin /usr/local/bin'

find_program() {
  for folder in $folders; do
    if [ -x "$root$folder/$1" ]; then echo "$root$folder/$1" && return; fi
  done
  return 1
}

missing='' packages=''
for entry in $programs; do
  find_program "${entry%:*}" >/dev/null && continue
  missing="$missing ${entry%:*}"
  case " $packages " in *" ${entry#*:} "*) ;; *) packages="$packages ${entry#*:}" ;; esac
done
if [ -n "$missing" ]; then
  echo "missing programs:$missing (Debian packages:$packages)" >&2
  exit 3
fi

mkdir -p "$target/usr"
for name in bin sbin lib lib64; do
  mkdir -p "$target/usr/$name"
  ln -sfn "usr/$name" "$target/$name"
done
for path in dev etc/bind proc root state sys var/cache/bind var/lib/haproxy run/named; do mkdir -p "$target/$path"; done
mkdir -m 1777 "$target/tmp"
ln -s /run "$target/var/run"

# Everything lies below /usr, as on today's systems; what asks for /lib finds it by the links.
place() {
  case $1 in
    /bin/* | /sbin/* | /lib/* | /lib64/*) echo "$target/usr$1" ;;
    *) echo "$target$1" ;;
  esac
}

copy() {
  to=$(place "${1#"$root"}")
  [ -e "$to" ] && return
  mkdir -p "${to%/*}"
  cp -L "$1" "$to"
}

# Paths of the libraries that files load, and of the loader under the name that programs have for it. ldd would want a shell of its own.
libraries() {
  path=''
  [ -z "$root" ] || path=$(find "$root/usr/lib" "$root/lib/" -type d \( -name '*-linux-gnu' -o -name systemd \) | tr '\n' ':')
  for loader in "$root"/lib64/ld-linux* "$root"/lib/ld-linux* "$root"/lib/ld-musl*; do
    [ -e "$loader" ] || continue
    echo "$loader"
    for file in "$@"; do "$loader" ${path:+--library-path "$path"} --list "$file" 2>/dev/null || true; done
  done | awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^\/.*[^:]$/) print $i }' | sort -u
}

files=''
for entry in $programs; do
  file=$(find_program "${entry%:*}")
  mkdir -p "$target/usr/sbin"
  cp -L "$file" "$target/usr/sbin/${entry%:*}"
  files="$files $file"
done
# Loaded by name while they run: the extensions of iptables, and what the C library wants to end a thread and to know users.
for extension in "$root"/usr/lib/*/xtables/lib[xi]pt_*.so "$root"/usr/lib/*/xtables/libxt_*.so "$root"/usr/lib/xtables/lib[xi]pt_*.so \
  "$root"/usr/lib/xtables/libxt_*.so "$root"/usr/lib64/xtables/lib[xi]pt_*.so "$root"/usr/lib64/xtables/libxt_*.so \
  "$root"/lib/*/libgcc_s.so.1 "$root"/lib/*/libnss_files.so.2 "$root"/lib/*/libnss_dns.so.2 "$root"/lib64/libgcc_s.so.1; do
  if [ -e "$extension" ]; then
    if [ -L "$extension" ] && [ "${extension%.so}" != "$extension" ]; then
      to=$(place "${extension#"$root"}")
      mkdir -p "${to%/*}"
      cp -P "$extension" "$to"
    else
      copy "$extension"
      files="$files $extension"
    fi
  fi
done
# shellcheck disable=SC2086 # a list
for library in $(libraries $files); do copy "$library"; done
if [ -z "$(find "$target/usr" -name 'libc.so*' -o -name 'ld-musl*')" ]; then
  echo 'the libraries of the programs were not found' >&2
  exit 1
fi

cd "$target/usr/sbin"
for name in iptables ip6tables; do
  for kind in nft legacy; do
    for verb in '' -save -restore; do ln -s "xtables-$kind-multi" "$name-$kind$verb"; done
  done
  for verb in '' -save -restore; do ln -s "$name-nft$verb" "$name$verb"; done
done
mv busybox ../bin/busybox
for name in $(../bin/busybox --list); do
  [ "$name" = busybox ] || [ -e "$name" ] || [ -L "../bin/$name" ] || ln -s busybox "../bin/$name"
done

cat >"$target/etc/passwd" <<'END'
root:x:0:0:root:/root:/bin/sh
bind:x:53:53:bind:/var/cache/bind:/bin/false
haproxy:x:99:99:haproxy:/var/lib/haproxy:/bin/false
nobody:x:65534:65534:nobody:/:/bin/false
END
printf 'root:x:0:\nbind:x:53:\nhaproxy:x:99:\nnogroup:x:65534:\n' >"$target/etc/group"
printf 'passwd: files\ngroup: files\nhosts: files dns\nprotocols: files\nservices: files\n' >"$target/etc/nsswitch.conf"
for file in /etc/protocols /etc/services /etc/ssl/openssl.cnf; do [ ! -e "$root$file" ] || copy "$root$file"; done
if [ -e "$target/etc/ssl/openssl.cnf" ]; then
  mkdir -p "$target/usr/lib/ssl"
  ln -s /etc/ssl/openssl.cnf "$target/usr/lib/ssl/openssl.cnf"
fi
