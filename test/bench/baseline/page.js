// The baseline's page: what is typed goes to the socket, what comes goes to xterm.js. The address says the size.
import { Terminal } from './xterm.mjs';

const size = new URL(location.href).searchParams;
const term = new Terminal({
  cols: Number(size.get('columns')),
  rows: Number(size.get('rows')),
  scrollback: 10_000,
  fontSize: 14,
});
term.open(document.getElementById('terminal'));
const socket = new WebSocket(`ws://${location.host}/${location.search}`);
socket.binaryType = 'arraybuffer';
socket.onmessage = ({ data }) => term.write(new Uint8Array(data));
term.onData((data) => socket.send(data));
term.focus();
window.term = term;
