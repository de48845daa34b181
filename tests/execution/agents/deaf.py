"""Never reads its terminal; on SIGUSR1 says much."""

import os
import signal
import termios
import tty

tty.setraw(0, termios.TCSANOW)
signal.signal(signal.SIGUSR1, lambda *_: None)
os.write(1, b"on")
signal.pause()
words = b"alive" * 20_000
while words:
    words = words[os.write(1, words) :]
while True:
    signal.pause()
