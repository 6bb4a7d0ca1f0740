//! Imports of ETIM, a classification of technical products.
//!
//! Each is started by a POST without a body (*documented*). What an import does, how long it takes and where it says how
//! it went is not documented, and whether a second one beside the first does harm neither: so none is ever repeated
//! after an unclear answer.

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::service::{handle, service};
use api_transport::{Effect, Endpoint, Path, Result};
use bytes::Bytes;
use serde::Serialize;

/// `POST /api/v1/catalog/integrations/auth-required/attributes/import`: starts the import of attributes.
///
/// *Documented*, without a body. The answer is not documented and not read.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct PostAttributesImport {}

impl PostAttributesImport {
    /// The call.
    pub fn new() -> Self {
        Self {}
    }
}

impl Endpoint for PostAttributesImport {
    const EFFECT: Effect = Effect::Create;
    const METHOD: http::Method = http::Method::POST;
    type Response = ();

    fn path(&self) -> Path {
        service("catalog").segment("attributes").segment("import")
    }

    fn body(&self) -> Result<Option<Bytes>> {
        Ok(None)
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PostAttributesImport {
    const PATH: &'static str = "catalog/…/attributes/import";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented);
}

/// `POST /api/v1/catalog/integrations/auth-required/categories/import`: starts the import of categories.
///
/// *Documented*, without a body. The answer is not documented and not read.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct PostCategoriesImport {}

impl PostCategoriesImport {
    /// The call.
    pub fn new() -> Self {
        Self {}
    }
}

impl Endpoint for PostCategoriesImport {
    const EFFECT: Effect = Effect::Create;
    const METHOD: http::Method = http::Method::POST;
    type Response = ();

    fn path(&self) -> Path {
        service("catalog").segment("categories").segment("import")
    }

    fn body(&self) -> Result<Option<Bytes>> {
        Ok(None)
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PostCategoriesImport {
    const PATH: &'static str = "catalog/…/categories/import";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented);
}

/// `POST /api/v1/catalog/integrations/auth-required/products/import-all`: starts the import of all products.
///
/// *Documented*, without a body. The answer is not documented and not read.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct PostProductsImportAll {}

impl PostProductsImportAll {
    /// The call.
    pub fn new() -> Self {
        Self {}
    }
}

impl Endpoint for PostProductsImportAll {
    const EFFECT: Effect = Effect::Create;
    const METHOD: http::Method = http::Method::POST;
    type Response = ();

    fn path(&self) -> Path {
        service("catalog").segment("products").segment("import-all")
    }

    fn body(&self) -> Result<Option<Bytes>> {
        Ok(None)
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PostProductsImportAll {
    const PATH: &'static str = "catalog/…/products/import-all";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented);
}

handle! {
    /// The calls that start imports of ETIM: `client.etim_imports()`.
    EtimImports
}

impl EtimImports<'_> {
    /// Starts the import of attributes.
    ///
    /// How far the wire is known: [`PostAttributesImport`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send).
    pub async fn import_attributes(&self) -> Result<()> {
        self.client.send(&PostAttributesImport::new()).await
    }

    /// Starts the import of categories.
    ///
    /// How far the wire is known: [`PostCategoriesImport`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send).
    pub async fn import_categories(&self) -> Result<()> {
        self.client.send(&PostCategoriesImport::new()).await
    }

    /// Starts the import of all products.
    ///
    /// How far the wire is known: [`PostProductsImportAll`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send).
    pub async fn import_all_products(&self) -> Result<()> {
        self.client.send(&PostProductsImportAll::new()).await
    }
}
