# Which machine this is: t_machine is the id of its installation (machine-id(5); /etc/hostid on FreeBSD), "" for none.
t_machine=''
for t_file in /etc/machine-id /var/lib/dbus/machine-id /etc/hostid; do
  if [ -z "$t_machine" ] && [ -r "$t_file" ]; then
    read -r t_machine <"$t_file" || :
    case $t_machine in *[!0-9a-fA-F-]*) t_machine='';; esac
  fi
done
word() { printf %s "$1" | tr -cd 'A-Za-z0-9._-'; }
