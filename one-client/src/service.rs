//! Where endpoints live: `/api/v1/{service}/integrations/auth-required/…` (*example*, uniform).

use api_transport::Path;

/// The path of a service, to which an endpoint adds its own segments and ids.
pub(crate) fn service(name: impl AsRef<str>) -> Path {
    Path::new(["api", "v1"]).segment(name).segment("integrations").segment("auth-required")
}

/// Declares the calls of one resource: a borrowed client with methods.
macro_rules! handle {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name<'a> {
            client: &'a $crate::Client,
        }

        impl<'a> $name<'a> {
            pub(crate) fn new(client: &'a $crate::Client) -> Self {
                Self { client }
            }
        }
    };
}
pub(crate) use handle;
