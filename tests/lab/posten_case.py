"""What tests of the real daemon on one fast Posten queue have in common."""
import unittest

from lab import Lab, wait_until

FAST = """
empty_interval = "500ms"
floor_interval = "50ms"
throttle_interval = "300ms"
first_backoff = "100ms"
longest_backoff = "1s"
"""


class PostenCase(unittest.TestCase):
    """A laboratory with the simulated Posten and a configuration for it; subclasses name the folder of our programs."""

    binaries = None

    def setUp(self):
        self.lab = Lab(self.binaries)
        self.lab.__enter__()
        self.addCleanup(self.lab.__exit__, None, None, None)
        self.addCleanup(self.show_log)
        self.lab.start_simulator("--clock-rate", "300", "--empty-interval", "150")
        self.lab.write_config(FAST)

    def show_log(self):
        """Of a test that has failed, before its laboratory is cleared away."""
        result = self._outcome.result
        if any(test is self for test, _ in result.failures + result.errors):
            self.lab.show_log()

    def use_redis(self, section):
        """Instead of the laboratory's own."""
        text = self.lab.config.read_text().replace(f'address = "unix:{self.lab.redis_socket}"\n', section)
        self.lab.config.write_text(text)

    def work(self, count):
        """More jobs, until the provider knows that they are home."""
        self.lab.control("POST", "/jobs", {"count": count, "signers": 2})
        wait_until(self.lab.all_confirmed, 60, "every job confirmed")
        return self.lab.expected_events()
