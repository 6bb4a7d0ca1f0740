//! The settings that every builder of this crate has: how calls are sent, whatever authorises them.

/// Writes the settings of the transport for a builder that has it in its field `transport`.
macro_rules! transport_settings {
    ($builder:ty) => {
        impl $builder {
            /// The longest time of one attempt. Default 60 s, which is also the server's own limit.
            #[must_use]
            pub fn attempt_timeout(mut self, limit: Duration) -> Self {
                self.transport = self.transport.attempt_timeout(limit);
                self
            }

            /// The longest time of a whole call: waiting, login, attempts and pauses. Default 180 s.
            #[must_use]
            pub fn total_timeout(mut self, limit: Duration) -> Self {
                self.transport = self.transport.total_timeout(limit);
                self
            }

            /// The longest time for name look-up, connect and TLS. Default 10 s.
            #[must_use]
            pub fn connect_timeout(mut self, limit: Duration) -> Self {
                self.transport = self.transport.connect_timeout(limit);
                self
            }

            /// How often and after which pauses calls are repeated, as far as their effect permits it.
            #[must_use]
            pub fn retry(mut self, policy: RetryPolicy) -> Self {
                self.transport = self.transport.retry(policy);
                self
            }

            /// The budget of repeats; give several clients of one server clones of the same.
            #[must_use]
            pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
                self.transport = self.transport.retry_budget(budget);
                self
            }

            /// The longest answer in bytes, after decompression. Default 64 MiB.
            #[must_use]
            pub fn body_cap(mut self, bytes: usize) -> Self {
                self.transport = self.transport.body_cap(bytes);
                self
            }

            /// Permits plain `http` to other machines. Then everybody between here and there can read token and data.
            #[must_use]
            pub fn allow_plain_http(mut self, allow: bool) -> Self {
                self.transport = self.transport.allow_plain_http(allow);
                self
            }

            /// Also trusts these certificates (PEM): for a server in the LAN with a certificate of its own.
            #[must_use]
            pub fn root_certificate_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
                self.transport = self.transport.root_certificate_pem(pem);
                self
            }

            /// Sends everything through this proxy. Default: none, whatever the environment says.
            #[must_use]
            pub fn proxy(mut self, proxy: Url) -> Self {
                self.transport = self.transport.proxy(proxy);
                self
            }

            /// The `User-Agent`.
            #[must_use]
            pub fn user_agent(mut self, name: impl Into<String>) -> Self {
                self.transport = self.transport.user_agent(name);
                self
            }

            /// What of requests and answers is logged, masked by allow-lists. Default: nothing of them.
            #[must_use]
            pub fn wire_log(mut self, log: WireLog) -> Self {
                self.transport = self.transport.wire_log(log);
                self
            }

            /// The clock: by it sessions grow idle and tokens expire. Default: the system's.
            #[must_use]
            pub fn now(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
                self.transport = self.transport.now(now);
                self
            }
        }
    };
}

pub(crate) use transport_settings;
