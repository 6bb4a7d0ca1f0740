//! Categories, products, manufacturers, plugin data, imports.
//!
//! None of this is in the rows of an ERP's integration; it is here as far as a path and a body are known.

mod categories;
mod imports;
mod manufacturers;
mod plugin_data;
mod products;

pub use categories::{Categories, Category, GetCategories, Seo};
pub use imports::{EtimImports, PostAttributesImport, PostCategoriesImport, PostProductsImportAll};
pub use manufacturers::{Manufacturer, Manufacturers, PostManufacturer, PutManufacturer};
pub use plugin_data::{GetPluginData, PluginData, PluginDataOfProducts, PostPluginDataByProduct};
pub use products::{AttributeValue, GetProductBySku, MultivalueAttribute, Product, Products};

use crate::client::Client;
use crate::evidence::{EndpointInfo, endpoints_of};

impl Client {
    /// Categories of products.
    pub fn categories(&self) -> Categories<'_> {
        Categories::new(self)
    }

    /// Products as ONe has them.
    pub fn products(&self) -> Products<'_> {
        Products::new(self)
    }

    /// What plugins keep about products.
    pub fn plugin_data(&self) -> PluginDataOfProducts<'_> {
        PluginDataOfProducts::new(self)
    }

    /// The dictionary of manufacturers.
    pub fn manufacturers(&self) -> Manufacturers<'_> {
        Manufacturers::new(self)
    }

    /// Imports of the ETIM catalog.
    pub fn etim_imports(&self) -> EtimImports<'_> {
        EtimImports::new(self)
    }
}

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![
        catalog: GetCategories,
        GetProductBySku,
        GetPluginData,
        PostPluginDataByProduct,
        PostManufacturer<'_>,
        PutManufacturer<'_>,
        PostAttributesImport,
        PostCategoriesImport,
        PostProductsImportAll,
    ]
}
