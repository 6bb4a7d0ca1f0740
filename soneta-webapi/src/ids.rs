/// Declares an id: `int32` on the wire, unique in one table of one database, another one after data were moved to another
/// database.
macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        ///
        /// Unique in one database; the Guid of the row, where it has one, outlives a move to another.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        #[allow(clippy::exhaustive_structs, reason = "a number and nothing else")]
        pub struct $name(pub i32);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// Id of a good or service (towar).
    #[doc(alias = "product id")]
    TowarId
}
id! {
    /// Id of a contractor (kontrahent).
    #[doc(alias = "client id")]
    KontrahentId
}
id! {
    /// Id of a trade document, such as an order.
    #[doc(alias = "order id")]
    DokumentId
}
id! {
    /// Id of a warehouse (magazyn).
    #[doc(alias = "warehouse id")]
    MagazynId
}
id! {
    /// Id of a price profile, given by the add-on.
    #[doc(alias = "price profile id")]
    ProfilCenId
}

/// `Debug` that names the record and its id, and shows no content.
macro_rules! redacted_debug {
    ($name:ident { $($field:ident),* }) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))*.finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use redacted_debug;
