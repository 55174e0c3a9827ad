sleep 1 # long enough to be seen among the processes of the machine
printf '%s\n' "$PW"
printf %s "$PW" | base64
printf %s "$PW" | base64 -w 7
printf x%s "$PW" | base64 -w 0
printf xy%s "$PW" | base64 -w 0
printf %s "$PW" | od -An -tx1 | tr -d ' \n'
printf %s "$PW" | "$PYTHON" -c '
import html, json, sys, urllib.parse as u
said = sys.stdin.read()
print(u.quote(said), u.quote_plus(said), u.quote(said, safe=""), json.dumps(said), html.escape(said))
'
printf %s "$PW" >&2
cat
