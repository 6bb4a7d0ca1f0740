//! AltOne's attachments, and the PDF of a document, which is made on the spot if nothing of its name is attached.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::koperta::{Zapisano, answer};
use crate::simulator::{
    answer::{Blad, Outcome},
    attachments::Attachment,
    company::Company,
    documents,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetAttachments {
    #[serde(rename = "ParentID")]
    parent_id: Option<i32>,
    table_name: Option<String>,
    name: Option<String>,
    extension: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct InsertAttachment {
    #[serde(rename = "ID")]
    _id: Option<i32>,
    table_name: Option<String>,
    name: Option<String>,
    parent: Option<i32>,
    description: Option<String>,
    is_default: Option<bool>,
    send_email: Option<bool>,
    extension: Option<String>,
    link: Option<String>,
    sub_type: Option<String>,
    base64: Option<String>,
    #[serde(rename = "Features")]
    _features: Option<Vec<super::FeatureIn>>,
    test_mode: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetFilePdf {
    #[serde(rename = "ParentID")]
    parent_id: Option<i32>,
    name: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Found<'a> {
    count: usize,
    attachments: Vec<&'a Attachment>,
    key: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    attachment: Attachment,
}

fn row_exists(company: &Company, table: &str, id: i32) -> bool {
    match table {
        "DokHandlowe" => {
            company.orders().iter().any(|order| order.id == id) || company.documents().get(id).is_some()
        }
        "Towary" => company.catalogue.place_of_id(id).is_some(),
        "Kontrahenci" => company.catalogue.kontrahent(id).is_some(),
        _ => false,
    }
}

pub(super) fn get_attachments(company: &mut Company, question: GetAttachments) -> Outcome {
    let parent = question.parent_id.ok_or_else(|| Blad::missing("ParentID"))?;
    let table = question.table_name.ok_or_else(|| Blad::missing("TableName"))?;
    let attachments: Vec<_> = company
        .attachments(&table, parent)
        .filter(|one| question.name.as_ref().is_none_or(|name| one.name == *name))
        .filter(|one| question.extension.is_none() || one.extension == question.extension)
        .collect();
    answer(&Found { count: attachments.len(), attachments, key: None })
}

pub(super) fn insert_attachment(company: &mut Company, question: InsertAttachment) -> Outcome {
    let name = question.name.filter(|name| !name.is_empty()).ok_or_else(|| Blad::missing("Name"))?;
    let parent = question.parent.ok_or_else(|| Blad::missing("Parent"))?;
    let table_name = question.table_name.ok_or_else(|| Blad::missing("TableName"))?;
    if !row_exists(company, &table_name, parent) {
        return Err(Blad::not_found("Parent", "Nie znaleziono wiersza, do którego należy załącznik.").into());
    }
    if question.base64.as_ref().is_some_and(|text| STANDARD.decode(text).is_err()) {
        return Err(Blad::invalid("Base64", "Treść załącznika nie jest zapisana w Base64.").into());
    }
    let test_mode = question.test_mode.unwrap_or(false);
    let attachment = Attachment {
        id: 0,
        table_name,
        parent,
        name,
        description: question.description,
        is_default: question.is_default.unwrap_or(false),
        send_email: question.send_email.unwrap_or(false),
        extension: question.extension,
        link: question.link,
        sub_type: question.sub_type.unwrap_or_else(|| "None".to_owned()),
        base64: question.base64,
    };
    let id = if test_mode { None } else { Some(company.attach(attachment)?) };
    answer(&Zapisano { id, kod: None, test_mode })
}

pub(super) fn get_file_pdf(company: &mut Company, question: GetFilePdf) -> Outcome {
    let parent = question.parent_id.ok_or_else(|| Blad::missing("ParentID"))?;
    let name = question.name.ok_or_else(|| Blad::missing("Name"))?;
    let kept = company.attachments("DokHandlowe", parent).find(|one| one.name == name);
    if let Some(attachment) = kept {
        return answer(&File { attachment: attachment.clone() });
    }
    let order = || {
        let order = company.orders().iter().find(|order| order.id == parent)?;
        Some(format!("%PDF-1.4\n% {} {}\n%%EOF\n", order.numer, order.guid).into_bytes())
    };
    let pdf = company.documents().get(parent).map(documents::pdf).or_else(order);
    let pdf = pdf.ok_or_else(|| Blad::not_found("ParentID", "Nie znaleziono dokumentu."))?;
    answer(&File {
        attachment: Attachment {
            id: 0,
            table_name: "DokHandlowe".to_owned(),
            parent,
            name,
            description: None,
            is_default: false,
            send_email: false,
            extension: Some("pdf".to_owned()),
            link: None,
            sub_type: "Document".to_owned(),
            base64: Some(STANDARD.encode(pdf)),
        },
    })
}
