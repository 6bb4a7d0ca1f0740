/// Declares a record with the block that every row of the contract has, readable and writable, and with a builder.
///
/// No `flatten`: money inside of one would pass through a binary number.
macro_rules! wiersz {
    ($(#[$meta:meta])* pub struct $name:ident ($id:ty) { $($fields:tt)* }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize, bon::Builder)]
        #[builder(on(String, into))]
        #[allow(missing_debug_implementations, reason = "the builder has none; a derived one would show content")]
        #[serde(rename_all = "PascalCase")]
        #[non_exhaustive]
        pub struct $name {
            /// Id of the row; the ERP gives it.
            #[serde(rename = "ID", skip_serializing_if = "Option::is_none")]
            pub id: Option<$id>,
            /// How many attachments it has.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub attachments_count: Option<i32>,
            /// Name of the ERP's table.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub table_name: Option<String>,
            /// Custom fields that are open to WebAPI.
            #[serde(default, with = "crate::wire::cecha::altone_list", skip_serializing_if = "Vec::is_empty")]
            #[builder(default)]
            pub features: Vec<crate::wire::Cecha>,
            /// Attachments that are visible to WebAPI.
            #[serde(
                default,
                deserialize_with = "crate::wire::list::or_empty",
                skip_serializing_if = "Vec::is_empty"
            )]
            #[builder(default)]
            pub attachments: Vec<crate::altone::Zalacznik>,
            $($fields)*
        }
    };
}

pub(super) use wiersz;
