"""Never reads its terminal; on SIGUSR1 says much."""

import os
import signal
import termios
import tty

tty.setraw(0, termios.TCSANOW)
signal.signal(signal.SIGUSR1, lambda *_: None)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
os.write(1, b"on")
signal.sigwait({signal.SIGUSR1})
words = b"alive" * 20_000
while words:
    words = words[os.write(1, words) :]
while True:
    signal.pause()
