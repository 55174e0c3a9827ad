# The far side of a detached command: run it once, outlive the console, be found again. POSIX sh (dash, bash, busybox).
#
# Sent on stdin of `sh -s`; the caller appends settings, calls and the closing brace. Everything stands in one { } group,
# so an upload that is cut off is a syntax error and runs nothing. All variables start with t_, because a name that the
# machine happens to export would otherwise reach the command with our value.
#
# A ticket is a folder of t_base:
#   gate    a symbolic link, made once: to `who` when the supervisor took it, to `fenced` when a fence did. Whoever makes
#           it has decided, in one atomic step, whether the command runs; this is the second gate.
#   who     pid and boot id of the supervisor       pg      process group of the command and the start time of its leader
#   rc      exit status and end, `-` until then     killed  why it was signalled, `-` until then
#   began   when the supervisor started             eof     both streams are complete
#   out err its streams, capped                     out.dropped err.dropped  bytes that did not fit
#   p/      sup, cmd, script, in: the payload; secrets are never in it
# rc, pg, killed and dropped are boxes: 41 bytes reserved before the start and overwritten in place, so a full disk loses nothing.
{
set -u; t_mask=$(umask); umask 077

boot() { # t_boot: a word that changes with every boot
  if [ -r /proc/sys/kernel/random/boot_id ]; then read -r t_boot </proc/sys/kernel/random/boot_id
  else t_boot=$({ sysctl -n kern.boottime 2>/dev/null || who -b; } | tr -d ' \n'); fi
}
args_of() { if [ -r "/proc/$1/cmdline" ]; then tr '\0' ' ' <"/proc/$1/cmdline"; else ps -p "$1" -o args= 2>/dev/null; fi; }
alive() { case "$(args_of "$1") " in *" $2 "*) return 0;; esac; return 1; } # the ticket is an argument: no pid-reuse mistake
box() { printf '%-40s\n' "$2" 1<>"$1"; }
first() { t_first=$2; if [ -f "$1" ]; then read -r t_first t_rest <"$1" || t_first=$2; fi; } # t_first: first word of a file
ended() { # t_rc t_end, when the command's end is on record
  t_rc=- t_end=-; [ -f "$1/rc" ] && read -r t_x t_y <"$1/rc" || return 1
  case $t_y in *Z) t_rc=$t_x t_end=$t_y; return 0;; esac; return 1
}
sizes() { t_out=0 t_err=0; if [ -s "$1/out" ] || [ -s "$1/err" ]; then two $(cd "$1" && wc -c out err 2>/dev/null); fi; }
two() { t_out=$1 t_err=$3; }
group() { # alive | gone; zombies do not count, since some containers have nobody to reap them
  case $(LC_ALL=C; kill -0 "-$1" 2>&1) in *'No such process'*) echo gone; return;; esac # not worth a look at them all
  if t_ps=$(ps -A -o pgid= -o stat= 2>/dev/null); then
    printf '%s\n' "$t_ps" | awk -v p="$1" '$1 == p && $2 !~ /^Z/ { r = 1 } END { print r ? "alive" : "gone" }'
  elif kill -0 "-$1" 2>/dev/null; then echo alive; else echo gone; fi
}
fenced() { case $(ls -l "$1/gate" 2>/dev/null) in *'-> fenced') return 0;; esac; return 1; }
new() { # in a session of its own: a signal to its group hits all of it, and nothing of ours
  if command -v setsid >/dev/null 2>&1; then exec setsid "$@"; fi
  if command -v perl >/dev/null 2>&1; then exec perl -e 'use POSIX; POSIX::setsid(); exec @ARGV' "$@"; fi
  exec "$@"
}

state() ( # one line of facts; the caller judges, never this side
  t_dir=$t_base/$1; t_s=absent t_grp=- t_pid=0 t_was=-; boot
  if [ -f "$t_dir/who" ]; then read -r t_pid t_was <"$t_dir/who" || t_pid=0; fi
  first "$t_dir/pg" 0; t_pg=$t_first
  if ended "$t_dir"; then t_s=done
  elif [ -h "$t_dir/gate" ] && [ ! -e "$t_dir/gate" ] && fenced "$t_dir"; then t_s=fenced
  elif [ ! -h "$t_dir/gate" ]; then # the first gate is taken; a launch that died here never starts: fence it
    if [ -d "$t_dir" ]; then t_s=claimed; if [ "$t_pid" != 0 ] && alive "$t_pid" "$1"; then t_s=starting; fi; fi
  elif [ "$t_was" != "$t_boot" ]; then t_s=lost-reboot
  elif alive "$t_pid" "$1"; then if [ "$t_pg" = 0 ]; then t_s=starting; else t_s=running; fi
  elif ended "$t_dir"; then t_s=done # it ended while we looked
  else t_s=lost-supervisor; fi
  if [ "$t_pg" -gt 1 ] 2>/dev/null && [ "$t_was" = "$t_boot" ]; then
    if [ "$t_s" = running ] && kill -0 "-$t_pg" 2>/dev/null; then t_grp=alive; else t_grp=$(group "$t_pg"); fi; fi
  sizes "$t_dir"; first "$t_dir/out.dropped" 0; t_drop=$t_first; first "$t_dir/err.dropped" 0; t_drop=$((t_drop + t_first))
  first "$t_dir/killed" -; t_kill=$t_first; first "$t_dir/began" -; t_began=$t_first
  if [ -f "$t_dir/eof" ]; then t_eof=1; else t_eof=0; fi
  if [ -r /proc/sys/kernel/hostname ]; then read -r t_host </proc/sys/kernel/hostname; else t_host=$(uname -n); fi
  printf 'S state=%s rc=%s group=%s killed=%s out=%s err=%s dropped=%s eof=%s began=%s ended=%s host=%s boot=%s now=%s\n' \
    "$t_s" "$t_rc" "$t_grp" "$t_kill" "$t_out" "$t_err" "$t_drop" "$t_eof" "$t_began" "$t_end" "$t_host" "$t_boot" \
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
)

part() { [ -z "$2" ] || printf '%b' "$2" >"$t_up/$1"; }
launch() { # TICKET NONCE SUMS LIMIT CAP SUP CMD SCRIPT STDIN SECRETS: any number of launches run it at most once
  t_dir=$t_base/$1; t_up=$t_base/.up.$1~$2
  if [ -d "$t_dir" ]; then echo "L held"; return; fi
  [ -d "$t_base" ] || mkdir -p "$t_base" || { echo "X cannot create $t_base"; exit 73; }
  { mkdir "$t_up" && part sup "$6" && part cmd "$7" && part script "$8" && part in "$9"; } 2>/dev/null ||
    { rm -rf "$t_up"; echo "X no room for the command in $t_base"; exit 73; }
  if [ "$(cd "$t_up" && cksum *)" != "$3" ]; then rm -rf "$t_up"; echo "X the command arrived damaged in $t_base"; exit 65; fi
  if ! mkdir "$t_dir" 2>/dev/null; then # THE GATE: exactly one mkdir wins
    rm -rf "$t_up"; if [ -d "$t_dir" ]; then echo "L held"; return; fi
    echo "X no room for the ticket in $t_base"; exit 73; fi
  mv "$t_up" "$t_dir/p" || { echo "X no room for the ticket in $t_base"; exit 73; }
  boot; t_ticket=$1 t_limit=$4 t_cap=$5; shift 9
  # Secrets go from this shell to the supervisor through a pipe; no fd of ours stays with it. It answers with one word.
  { if [ -n "$1" ]; then printf '%s' "$1" | { exec 6<&0; supervise "${#1}" <&6 6<&- & }; else supervise 0 </dev/null & fi
  } 5>&1 >/dev/null 2>&1 | { t_word=lost; read -r t_word || :; echo "L $t_word"; }
}
supervise() { new $t_sh "$t_dir/p/sup" "$t_dir" "$t_ticket" "$t_limit" "$t_cap" "$t_boot" "$1" "$t_mask" $t_sh; }

frame() { # KIND FILE FROM TO: at most 1 MiB; the file only grows, so what is announced is there
  t_n=$(($4 - $3)); if [ "$t_n" -gt 1048576 ]; then t_n=1048576; fi
  printf '%s %s %s\n' "$1" "$3" "$t_n" || exit 1
  dd if="$2" bs=65536 skip=$(($3 / 65536)) count=17 2>/dev/null | tail -c +$(($3 % 65536 + 1)) | head -c "$t_n" || exit 1
  t_at=$(($3 + t_n))
}
pause() { # short at first, so that a short command is not kept waiting; t_quiet: ms since the last word, as on a busy machine
  t_idle=$((t_idle + 1))
  if [ "$t_fine" = 0 ]; then sleep 1; t_quiet=1000
  elif [ "$t_idle" -lt 40 ]; then sleep 0.02; t_quiet=$((t_quiet + 60))
  elif [ "$t_idle" -lt 140 ]; then sleep 0.1; t_quiet=$((t_quiet + 150))
  else sleep 0.5; t_quiet=$((t_quiet + 600)); fi
}
attach() { # TICKET OUT ERR [0]: frames from these offsets, a state line each second (0: not yet), Z at the end
  t_dir=$t_base/$1 t_o=$2 t_e=$3 t_idle=0 t_quiet=${4:-1000} t_beats=0 t_fine=0; if sleep 0.01 2>/dev/null; then t_fine=1; fi
  while :; do
    # The marks are read before the sizes: what is there afterwards is all that there will be.
    t_over=0; if ended "$t_dir"; then t_over=1; fi
    t_full=0; if [ -f "$t_dir/eof" ]; then t_full=1; fi
    sizes "$t_dir"; t_new=0
    if [ "$t_out" -gt "$t_o" ]; then frame O "$t_dir/out" "$t_o" "$t_out"; t_o=$t_at t_new=1; fi
    if [ "$t_err" -gt "$t_e" ]; then frame E "$t_dir/err" "$t_e" "$t_err"; t_e=$t_at t_new=1; fi
    if [ "$t_new" = 1 ]; then continue; fi
    if [ "$t_over" = 1 ] && [ "$t_full" = 1 ]; then break; fi
    if [ "$t_quiet" -ge 1000 ]; then
      t_line=$(state "$1"); printf '%s\n' "$t_line" || exit 1; t_quiet=0
      case $t_line in
        *state=running*|*state=starting*) t_beats=0;;
        *state=claimed*|*state=done*) t_beats=$((t_beats + 1)); if [ "$t_beats" -gt 3 ]; then break; fi;; # a child keeps a stream
        *) break;;
      esac; fi
    pause
  done; state "$1"; echo Z
}
fence() { # "it has not run and never will", or the truth
  mkdir -p "$t_base/$1" || { echo "X cannot create $t_base/$1"; exit 73; }
  ln -s fenced "$t_base/$1/gate" 2>/dev/null || [ -h "$t_base/$1/gate" ] || { echo "X no room for the fence in $t_base"; exit 73; }
  state "$1"
}
ours() { # PID START: the group's leader is the one that was started, or has gone
  [ "$2" != - ] && [ -r "/proc/$1/stat" ] || return 0
  read -r t_stat <"/proc/$1/stat" || return 0; same "$2" ${t_stat##*) }
}
same() { [ "$1" = "${21}" ]; }
cancel() { # TICKET SIGNAL: to the whole group, never to one that only has the same number
  t_dir=$t_base/$1 t_pg=0 t_start=- t_was=-; boot
  if [ -f "$t_dir/pg" ]; then read -r t_pg t_start <"$t_dir/pg" || :; read -r t_x t_was <"$t_dir/who" || :; fi
  first "$t_dir/killed" -; t_old=$t_first; t_word=missed
  if [ "$t_pg" -gt 1 ] && [ "$t_was" = "$t_boot" ] && ours "$t_pg" "$t_start" && { [ "$t_old" != - ] || ! ended "$t_dir"; }; then
    box "$t_dir/killed" "operator-$2"
    if kill -"$2" "-$t_pg" 2>/dev/null; then t_word=delivered; else box "$t_dir/killed" "$t_old"; fi; fi
  echo "K $t_word"; state "$1"
}
gc() { # the bulk goes, the gate stays: a launch that comes late must still find it shut
  t_now=state=done; ended "$t_base/$1" || t_now=$(state "$1")
  case $t_now in
    *state=done*|*state=fenced*) rm -rf "$t_base/$1/p" "$t_base/$1/out" "$t_base/$1/err" "$t_base/.up.$1~"*; echo "G removed";;
    *) echo "G kept";; esac
}
